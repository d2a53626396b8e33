#Requires -Version 7.4
<#
.SYNOPSIS
    Builds, tests or packages VpnWs.
.DESCRIPTION
    Build    compiles the solution.
    Test     builds it and runs the test projects; those that need root are skipped without it. On Linux, tests/run.sh does more.
    Package  publishes both programs into artifacts/package and makes an archive of them there.
.EXAMPLE
    ./build.ps1 -Task Package
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Package')]
    [string] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release'
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

$solution = Join-Path $PSScriptRoot 'VpnWs.sln'
$package = Join-Path $PSScriptRoot 'artifacts' 'package'

function Invoke-Build {
    dotnet build $solution --configuration $Configuration --nologo -warnaserror
}

function Invoke-Test {
    Invoke-Build
    dotnet test $solution --configuration $Configuration --no-build --nologo
}

function Invoke-Package {
    $content = Join-Path $package 'vpn-ws'
    if (Test-Path $package) { Remove-Item $package -Recurse }
    foreach ($program in 'vpn-ws', 'vpn-ws-client') {
        dotnet publish (Join-Path $PSScriptRoot 'src' $program) --configuration $Configuration --output $content --nologo
    }

    Copy-Item (Join-Path $PSScriptRoot 'README.md'), (Join-Path $PSScriptRoot 'LICENSE') $content
    # A zip made by PowerShell forgets which files are executable; where that matters there is tar.
    if ($IsWindows) {
        Compress-Archive $content (Join-Path $package 'vpn-ws.zip')
    }
    else {
        tar --create --gzip --file (Join-Path $package 'vpn-ws.tar.gz') --directory $package vpn-ws
    }
}

switch ($Task) {
    'Build' { Invoke-Build }
    'Test' { Invoke-Test }
    'Package' { Invoke-Package }
}
