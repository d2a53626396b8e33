#Requires -Version 7.6
<#
.SYNOPSIS
    Removes peers that are idle for too long or carry more than their quota.
.DESCRIPTION
    Looks at the servers of this session, or at the one behind a control socket, and gives an object for every peer that it removed. By
    default it looks once; with -EverySec again and again.
.EXAMPLE
    ./peer-watchdog.ps1 -MaxIdle 1h -Quota 10GB -ControlPath /run/vpn.sock -EverySec 60
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    # How long nothing may come from a peer, such as 15m, 1h or 2d.
    [string] $MaxIdle = '1h',

    # How many bytes a peer may receive and send in one connection.
    [long] $Quota = [long]::MaxValue,

    [string] $ControlPath,

    [ValidateRange(0, 86400)]
    [int] $EverySec = 0
)

$ErrorActionPreference = 'Stop'
if (-not (Get-Module VpnWs)) { Import-Module (Join-Path $PSScriptRoot '..' 'artifacts' 'module' 'VpnWs') }

$where = if ($ControlPath) { @{ ControlPath = $ControlPath } } else { @{} }
while ($true) {
    foreach ($peer in Get-VpnWsPeer @where) {
        $reason = if ($peer.IdleTime -gt $MaxIdle) { "idle for $($peer.IdleTime)" } elseif ($peer.Traffic -gt $Quota) { "carried $($peer.Traffic) bytes" }
        if ($reason -and $PSCmdlet.ShouldProcess("$peer, $reason", 'Remove')) {
            # It may have gone by itself meanwhile.
            $peer | Remove-VpnWsPeer -PassThru -ErrorAction SilentlyContinue |
                Select-Object Id, Server, User, MacAddress, @{ Name = 'Reason'; Expression = { $reason } }
        }
    }
    if ($EverySec -eq 0) { break }
    Start-Sleep -Seconds $EverySec
}
