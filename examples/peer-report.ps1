#Requires -Version 7.6
<#
.SYNOPSIS
    Writes who is on the LAN into a CSV file and an HTML page.
.DESCRIPTION
    Reports the servers of this session, or the one behind a control socket. Gives the files that were written.
.EXAMPLE
    ./peer-report.ps1 -ControlPath /run/vpn.sock -Folder /var/www/html
#>
[CmdletBinding()]
param(
    [string] $ControlPath,

    [string] $Folder = '.'
)

$ErrorActionPreference = 'Stop'
if (-not (Get-Module VpnWs)) { Import-Module (Join-Path $PSScriptRoot '..' 'artifacts' 'module' 'VpnWs') }

$where = if ($ControlPath) { @{ ControlPath = $ControlPath } } else { @{} }
$rows = Get-VpnWsPeer @where | Select-Object @(
    'Server', 'Id', 'MacAddress', 'User', 'RemoteAddress', 'Transport'
    @{ Name = 'ConnectedAt'; Expression = { $_.ConnectedAt.ToString('yyyy-MM-dd HH:mm:ss') } }
    @{ Name = 'IdleSeconds'; Expression = { [long] $_.IdleTime.TotalSeconds } }
    'BytesReceived', 'BytesSent', 'FramesDropped'
)

$csv = Join-Path $Folder 'vpn-peers.csv'
$html = Join-Path $Folder 'vpn-peers.html'
$rows | Export-Csv $csv
$rows | ConvertTo-Html -Title 'VPN peers' -PreContent "<h1>VPN peers</h1><p>$(Get-Date -Format 'yyyy-MM-dd HH:mm')</p>" | Set-Content $html
Get-Item $csv, $html
