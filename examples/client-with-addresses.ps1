#Requires -Version 7.6
<#
.SYNOPSIS
    Joins this machine to a LAN with addresses of its own. It needs root.
.DESCRIPTION
    The connection goes on until it is ended: Disconnect-VpnWs lan.
.EXAMPLE
    ./client-with-addresses.ps1 wss://vpn.example.com/vpn -IPAddress 10.0.0.2/24, fd00::2/64 -Credential (Get-Credential)
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [uri] $Uri,

    [string[]] $IPAddress = '10.0.0.2/24',

    [string] $Tap = 'vpn%d',

    [pscredential] $Credential
)

$ErrorActionPreference = 'Stop'
if (-not (Get-Module VpnWs)) { Import-Module (Join-Path $PSScriptRoot '..' 'artifacts' 'module' 'VpnWs') }

$made = New-VpnWsTap -Name $Tap -IPAddress $IPAddress
try {
    $with = if ($Credential) { @{ Credential = $Credential } } else { @{} }
    Connect-VpnWs $Uri -Tap $made -Name lan @with
}
catch {
    $made | Remove-VpnWsTap
    throw
}
