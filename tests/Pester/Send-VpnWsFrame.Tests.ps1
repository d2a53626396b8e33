BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'Send-VpnWsFrame' {
    AfterEach { Clear-Session }

    It 'builds frames, and what it leaves out has defaults' {
        $tap = New-VpnWsTap -Loopback
        Send-VpnWsFrame $tap.Peer -Payload 'hello'
        $frame = Receive-VpnWsFrame $tap -TimeoutSec 5
        "$($frame.Destination) $($frame.Source) $($frame.EtherType) $($frame.VlanId)" | Should -Be "ff:ff:ff:ff:ff:ff $($tap.MacAddress) $(0x88b5) "
        $frame.Text | Should -Be 'hello'
        Send-VpnWsFrame $tap.Peer -Destination 02:00:00:00:00:02 -Source 02:00:00:00:00:03 -EtherType 0x0806 -VlanId 7 -Payload 1, 2, 3
        $frame = Receive-VpnWsFrame $tap -TimeoutSec 5
        "$($frame.Destination) $($frame.Source) $($frame.EtherType) $($frame.VlanId) $($frame.Payload)" | Should -Be "02:00:00:00:00:02 02:00:00:00:00:03 $(0x806) 7 1 2 3"
        [Convert]::ToHexString([byte[]] $frame.Bytes) | Should -Be '020000000002020000000003810000070806010203'
    }

    It 'sends whole frames as bytes' {
        $tap = New-VpnWsTap -Loopback
        $bytes = [byte[]] (1..20)
        Send-VpnWsFrame $tap.Peer.Name -Bytes $bytes
        (Receive-VpnWsFrame $tap -TimeoutSec 5).Bytes | Should -Be $bytes
    }

    It 'passes frames on from the pipeline' {
        $one, $two = 1..2 | ForEach-Object { New-VpnWsTap -Loopback }
        1..3 | ForEach-Object { Send-VpnWsFrame $one -Payload "number $_" }
        Receive-VpnWsFrame $one.Peer -Count 3 -TimeoutSec 5 | Send-VpnWsFrame $two
        (Receive-VpnWsFrame $two.Peer -Count 3 -TimeoutSec 5).Text | Should -Be 'number 1', 'number 2', 'number 3'
    }

    It 'does nothing with -WhatIf' {
        $tap = New-VpnWsTap -Loopback
        Send-VpnWsFrame $tap -Payload x -WhatIf
        Receive-VpnWsFrame $tap.Peer -TimeoutSec 0.1 | Should -BeNullOrEmpty
    }

    It 'waits no longer than -TimeoutSec for room' {
        $tap = New-VpnWsTap -Loopback
        Send-VpnWsFrame $tap -Payload 'first'
        $frame = Receive-VpnWsFrame $tap.Peer
        Send-VpnWsFrame $tap -InputObject (@($frame) * 4096)
        $failure = Get-Failure { Send-VpnWsFrame $tap -InputObject $frame -TimeoutSec 0.1 }
        $failure.FullyQualifiedErrorId | Should -Be 'Timeout,VpnWs.PowerShell.SendVpnWsFrameCommand'
        $failure.CategoryInfo.Category | Should -Be 'OperationTimeout'
        $null = Receive-VpnWsFrame $tap.Peer
        Send-VpnWsFrame $tap -InputObject $frame -TimeoutSec 0
    }

    It 'refuses <Name>' -ForEach @(
        @{ Name = 'a tap that is not there'; With = { @{ Tap = 'nix' } }; Id = 'TapNotFound' }
        @{ Name = 'an end that a connection uses, and names the other'; With = { @{ Tap = Join-Lan (Start-Server) } }; Id = 'TapInUse' }
        @{ Name = 'a tap that is closed'; With = { $tap = New-VpnWsTap -Loopback; $tap | Remove-VpnWsTap; @{ Tap = $tap } }; Id = 'TapClosed' }
        @{ Name = 'a frame that is too long'; With = { @{ Tap = New-VpnWsTap -Loopback; Payload = [byte[]]::new(70000) } }; Id = 'FrameInvalid' }
    ) {
        $arguments = & $With
        (Get-Failure { Send-VpnWsFrame @arguments }).FullyQualifiedErrorId | Should -Be "$Id,VpnWs.PowerShell.SendVpnWsFrameCommand"
    }

    It 'refuses bytes that are no frame' {
        { Send-VpnWsFrame (New-VpnWsTap -Loopback) -Bytes ([byte[]]::new(13)) } | Should -Throw '*14*'
    }
}
