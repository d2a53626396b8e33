BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'Receive-VpnWsFrame' {
    AfterEach { Clear-Session }

    It 'gives as many frames as were asked for, in order' {
        $tap = New-VpnWsTap -Loopback
        1..5 | ForEach-Object { Send-VpnWsFrame $tap -Payload "$_" }
        (Receive-VpnWsFrame $tap.Peer).Text | Should -Be '1'
        (Receive-VpnWsFrame loop0-peer -Count 3).Text | Should -Be '2', '3', '4'
        (Receive-VpnWsFrame $tap.Peer -Count 9 -TimeoutSec 0.1).Text | Should -Be '5'
    }

    It 'gives nothing after -TimeoutSec, which is no error' {
        $tap = New-VpnWsTap -Loopback
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        Receive-VpnWsFrame $tap -TimeoutSec 0.3 | Should -BeNullOrEmpty
        $watch.ElapsedMilliseconds | Should -BeGreaterThan 250
    }

    It 'waits for a frame that comes later' {
        $box = @{}
        $run = Start-Runspace 'param($box) $tap = New-VpnWsTap -Loopback; $box.Tap = $tap; (Receive-VpnWsFrame $tap.Peer -TimeoutSec 20).Text' $box
        Wait-Until { $box.Tap }
        Send-VpnWsFrame $box.Tap -Payload late
        $run.Shell.EndInvoke($run.Running) | Should -Be 'late'
        Remove-Runspace $run
    }

    It 'decodes <Name>' -ForEach @(
        @{ Name = 'ARP'; EtherType = 0x0806; Hex = '00010800060400010200000000010a0000010000000000000a000002'; Protocol = 'ARP'; Info = 'who has 10.0.0.2? tell 10.0.0.1' }
        @{ Name = 'an answer to ARP'; EtherType = 0x0806; Hex = '00010800060400020200000000020a0000020200000000010a000001'; Protocol = 'ARP'; Info = '10.0.0.2 is at 02:00:00:00:00:02' }
        @{ Name = 'UDP over IPv4'; EtherType = 0x0800; Hex = '4500001c000000004011000000000000ffffffff0044004300080000'; Protocol = 'IPv4'; Info = '0.0.0.0 > 255.255.255.255 UDP 68 > 67' }
        @{ Name = 'ICMPv6'; EtherType = 0x86dd; Hex = '6000000000083aff' + 'fe80' + '00' * 13 + '01' + 'ff02' + '00' * 13 + '01' + '8700000000000000'; Protocol = 'IPv6'; Info = 'fe80::1 > ff02::1 ICMPv6' }
        @{ Name = 'what is cut short'; EtherType = 0x0800; Hex = '4500'; Protocol = 'IPv4'; Info = '' }
        @{ Name = 'text'; EtherType = 0x9000; Hex = '68690000'; Protocol = '0x9000'; Info = 'hi' }
    ) {
        $tap = New-VpnWsTap -Loopback
        Send-VpnWsFrame $tap -EtherType $EtherType -Payload ([Convert]::FromHexString($Hex))
        $frame = Receive-VpnWsFrame $tap.Peer -TimeoutSec 5
        "$($frame.Protocol): $($frame.Info)" | Should -Be "${Protocol}: $Info"
    }

    It 'ends within 200 ms when the pipeline is stopped' {
        $run = Start-Runspace '$tap = New-VpnWsTap -Loopback; Write-Host ready; Receive-VpnWsFrame $tap.Peer'
        Get-StopTime $run | Should -BeLessThan 200
        Remove-Runspace $run
    }

    It 'refuses a tap that is not there' {
        $failure = Get-Failure { Receive-VpnWsFrame nix }
        $failure.FullyQualifiedErrorId | Should -Be 'TapNotFound,VpnWs.PowerShell.ReceiveVpnWsFrameCommand'
        $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'shows a table that fits' {
        $tap = New-VpnWsTap -Loopback
        Send-VpnWsFrame $tap -Payload 'hello'
        $lines = (Receive-VpnWsFrame $tap.Peer | Out-String -Width 100).Trim() -split '\r?\n'
        $lines[0] | Should -Match '^Source +Destination +VLAN +Protocol +Length +Info$'
        $lines[2] | Should -Match '0x88b5 +19 hello$'
    }
}
