BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'Get-VpnWsTap' {
    AfterEach { Clear-Session }

    It 'gives the taps of the session, by name, pattern and pipeline' {
        'a1', 'a2', 'b1' | ForEach-Object { New-VpnWsTap -Loopback -Name $_ } | Out-Null
        (Get-VpnWsTap).Name | Should -Be 'a1', 'a2', 'b1'
        (Get-VpnWsTap a*).Name | Should -Be 'a1', 'a2'
        (Get-VpnWsTap A1, b*).Name | Should -Be 'a1', 'b1'
        ('b1', 'a2' | Get-VpnWsTap).Name | Should -Be 'b1', 'a2'
    }

    It 'has an error for a name that is not there, and none for a pattern' {
        $failure = Get-Failure { Get-VpnWsTap nix }
        $failure.FullyQualifiedErrorId | Should -Be 'TapNotFound,VpnWs.PowerShell.GetVpnWsTapCommand'
        $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $failure.TargetObject | Should -Be 'nix'
        Get-VpnWsTap nix* | Should -BeNullOrEmpty
    }

    It 'goes on after a name that is not there' {
        $null = New-VpnWsTap -Loopback -Name here
        (Get-VpnWsTap nix, here -ErrorAction SilentlyContinue -ErrorVariable failures).Name | Should -Be 'here'
        $failures | Should -HaveCount 1
    }

    It 'tells who uses a tap' {
        $server = Start-Server
        $tap = Join-Lan $server
        (Get-VpnWsTap $tap.Name).UsedBy | Should -Be 'connection0'
        Disconnect-VpnWs connection0
        (Get-VpnWsTap $tap.Name).UsedBy | Should -BeNullOrEmpty
    }

    It 'shows a tap that a server made for itself, as root' {
        if (-not $script:IsRoot) { Set-ItResult -Skipped -Because 'it needs root'; return }
        $server = Start-Server @{ Tap = 'vpnwst%d' }
        (Get-VpnWsTap).Name | Should -Be $server.Tap.Name
        (Get-VpnWsTap).UsedBy | Should -Be $server.Name
        Stop-VpnWsServer $server.Name
        Get-VpnWsTap | Should -BeNullOrEmpty
    }

    It 'completes names, for each cmdlet those that it takes' {
        'left', 'right', 'room' | ForEach-Object { New-VpnWsTap -Loopback -Name $_ } | Out-Null
        $null = Start-Server @{ Tap = 'room' }
        Get-Completion 'Get-VpnWsTap r' | Should -Be 'right', 'room'
        Get-Completion 'Remove-VpnWsTap r' | Should -Be 'right'
        Get-Completion 'Connect-VpnWs ws://localhost r' | Should -Be 'right', 'right-peer', 'room-peer'
        Get-Completion 'Start-VpnWsServer -Tap r' | Should -Be 'right', 'right-peer', 'room-peer'
        Get-Completion 'Send-VpnWsFrame r' | Should -Be 'right', 'right-peer', 'room-peer'
        Get-Completion 'Receive-VpnWsFrame -Tap room' | Should -Be 'room-peer'
    }
}
