#Requires -Version 7.4
<#
.SYNOPSIS
    Builds, tests or packages VpnWs.
.DESCRIPTION
    Build    compiles the solution.
    Test     builds it and runs the test projects; those that need root are skipped without it. On Linux, tests/run.sh does more.
    Package  makes both programs single files that need no .NET and puts them into artifacts/package: a tarball and, where dpkg-deb
             is there, a Debian package. packaging/package.sh does the same without PowerShell.
.EXAMPLE
    ./build.ps1 -Task Package
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Package')]
    [string] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release',

    # The platform to package for, such as linux-arm64; this one's by default.
    [string] $Runtime
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
    if (-not $IsWindows) {
        $options = if ($Runtime) { '--rid', $Runtime } else { @() }
        & (Join-Path $PSScriptRoot 'packaging' 'package.sh') @options --output $package
        return
    }

    $runtime = if ($Runtime) { $Runtime } else { 'win-x64' }
    $content = Join-Path $package 'vpn-ws'
    if (Test-Path $package) { Remove-Item $package -Recurse }
    foreach ($program in 'vpn-ws', 'vpn-ws-client') {
        dotnet publish (Join-Path $PSScriptRoot 'src' $program) -p:PublishProfile=SingleFile --runtime $runtime --output $content --nologo
    }

    Copy-Item (Join-Path $PSScriptRoot 'README.md'), (Join-Path $PSScriptRoot 'LICENSE') $content
    Compress-Archive $content (Join-Path $package "vpn-ws-$runtime.zip")
}

switch ($Task) {
    'Build' { Invoke-Build }
    'Test' { Invoke-Test }
    'Package' { Invoke-Package }
}
