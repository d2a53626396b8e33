#Requires -Version 7.6
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    Runs the Pester tests and writes what came of them where tests/run.sh reads it: "passed|N", "failed|NAME", "skipped|REASON|NAME".
.DESCRIPTION
    The module must have been built: dotnet build VpnWs.sln.
.EXAMPLE
    ./run.ps1 -Filter *Exec*
#>
[CmdletBinding()]
param(
    [string] $Result,

    [string] $Filter = '*'
)

$ErrorActionPreference = 'Stop'
$configuration = New-PesterConfiguration
$configuration.Run.Path = $PSScriptRoot
$configuration.Run.PassThru = $true
$configuration.Filter.FullName = $Filter
$run = Invoke-Pester -Configuration $configuration

if ($Result) {
    $broken = @($run.FailedContainers) + @($run.FailedBlocks)
    @(
        "passed|$($run.PassedCount)"
        $run.Failed | ForEach-Object { "failed|$($_.ExpandedPath)" }
        $broken | ForEach-Object { "failed|$($_.Item ?? $_.ExpandedPath) could not be run" }
        $run.Skipped | ForEach-Object { "skipped|$(($_.ErrorRecord | Select-Object -First 1).Exception.Message -replace '^is skipped(, because )?')|$($_.ExpandedPath)" }
    ) | Set-Content $Result
}
exit [int] ($run.Result -ne 'Passed')
