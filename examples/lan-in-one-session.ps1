#Requires -Version 7.6
<#
.SYNOPSIS
    A LAN in one session: a server, two stations and a frame each way. It needs no rights.
.EXAMPLE
    ./lan-in-one-session.ps1
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
if (-not (Get-Module VpnWs)) { Import-Module (Join-Path $PSScriptRoot '..' 'artifacts' 'module' 'VpnWs') }

$server = Start-VpnWsServer -Http 127.0.0.1:0
try {
    # A loopback tap has two ends: the connection has one, the script the other.
    $alice, $bob = 'alice', 'bob' | ForEach-Object { New-VpnWsTap -Loopback -Name $_ }
    $connections = $alice, $bob | ForEach-Object { Connect-VpnWs $server.Uri -Tap $_ -Name $_.Name }

    Send-VpnWsFrame $alice.Peer -Payload 'Is anybody there?'
    $question = Receive-VpnWsFrame $bob.Peer -TimeoutSec 5
    "bob heard from $($question.Source): $($question.Text)"

    Send-VpnWsFrame $bob.Peer -Destination $question.Source -Payload 'It is me, Bob.'
    $answer = Receive-VpnWsFrame $alice.Peer -TimeoutSec 5
    "alice heard from $($answer.Source): $($answer.Text)"

    Get-VpnWsPeer -Server $server | Select-Object Id, MacAddress, FramesReceived, FramesSent
}
finally {
    $connections | Disconnect-VpnWs
    $alice, $bob | Remove-VpnWsTap
    $server | Stop-VpnWsServer
}
