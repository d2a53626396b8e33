#Requires -Version 7.4
<#
.SYNOPSIS
    Builds, tests or packages VpnWs.
.DESCRIPTION
    Build    compiles the solution.
    Test     builds it and runs the test projects; those that need root are skipped without it. On Linux, tests/run.sh does more.
    Package  makes both programs single files that need no .NET and puts them into artifacts/package: a tarball and, where dpkg-deb
             is there, a Debian package; and the .nupkg of the module. packaging/package.sh does the former without PowerShell.
    Module   makes the .nupkg of the module alone. A gallery takes it, and a folder that Register-PSResourceRepository knows.
.EXAMPLE
    ./build.ps1 -Task Package
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Package', 'Module')]
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

function Invoke-Module {
    $manifest = Import-PowerShellDataFile (Join-Path $PSScriptRoot 'module' 'VpnWs.psd1')
    $about = $manifest.PrivateData.PSData
    # The tags by which galleries find a module and what is in it.
    $tags = @($about.Tags) + 'PSModule' + 'PSIncludes_Cmdlet' + @($manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_", "PSCommand_$_" })
    $values = [ordered]@{
        id = 'VpnWs'; version = $manifest.ModuleVersion; authors = $manifest.Author; owners = $manifest.CompanyName
        requireLicenseAcceptance = 'false'; projectUrl = $about['ProjectUri']
        description = $manifest.Description; releaseNotes = $about.ReleaseNotes; copyright = $manifest.Copyright; tags = $tags -join ' '
    }
    $elements = $values.GetEnumerator() | Where-Object Value | ForEach-Object { "<$($_.Key)>$([System.Security.SecurityElement]::Escape($_.Value))</$($_.Key)>" }
    $null = New-Item -ItemType Directory $package -Force
    $nuspec = Join-Path $package 'VpnWs.nuspec'
    @(
        '<?xml version="1.0"?>'
        '<package xmlns="http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd"><metadata>'
        '<license type="expression">MIT</license>'
        $elements
        '</metadata><files><file src="**" /></files></package>'
    ) | Set-Content $nuspec
    $module = Join-Path $PSScriptRoot 'artifacts' 'module' 'VpnWs'
    dotnet pack (Join-Path $PSScriptRoot 'src' 'VpnWs.PowerShell') --configuration $Configuration --output $package --nologo "-p:NuspecFile=$nuspec" "-p:NuspecBasePath=$module" -p:NoWarn=NU5100
    Remove-Item $nuspec
}

switch ($Task) {
    'Build' { Invoke-Build }
    'Test' { Invoke-Test }
    'Package' { Invoke-Package; Invoke-Module }
    'Module' { Invoke-Module }
}
