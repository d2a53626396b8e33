#Requires -Version 7.6
<#
.SYNOPSIS
    A server whose tap is in a bridge of the kernel, so that its peers are on the network behind that bridge. It needs root.
.DESCRIPTION
    The bridge is made where it is not there; put the network interface of the machine into it to join the physical network.
    The server goes on until it is stopped: Stop-VpnWsServer bridge.
.EXAMPLE
    ./server-with-bridge.ps1 -Bridge br0 -Http :8080
#>
[CmdletBinding()]
param(
    [string] $Bridge = 'br0',
    [string] $Tap = 'vpn%d',
    [string] $Address,
    [string] $Http = '127.0.0.1:0'
)

$ErrorActionPreference = 'Stop'
if (-not (Get-Module VpnWs)) { Import-Module (Join-Path $PSScriptRoot '..' 'artifacts' 'module' 'VpnWs') }

$with = @{ Http = $Http }
if ($Address) { $with.Address = $Address }
Start-VpnWsServer @with -Name bridge -Tap $Tap -Bridge -Exec {
    # Whatever fails here undoes the start.
    if (-not (Test-Path "/sys/class/net/$Bridge")) {
        ip link add $Bridge type bridge
        ip link set $Bridge up
    }
    ip link set $_ master $Bridge up
    "The tap $_ is in the bridge $Bridge."
}
