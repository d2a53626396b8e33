BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'Get-VpnWsServer' {
    AfterEach { Clear-Session }

    It 'gives the servers of the session, by name, pattern and pipeline' {
        'a1', 'a2', 'b1' | ForEach-Object { Start-Server @{ Name = $_ } } | Out-Null
        (Get-VpnWsServer).Name | Should -Be 'a1', 'a2', 'b1'
        (Get-VpnWsServer a*).Name | Should -Be 'a1', 'a2'
        ('b1' | Get-VpnWsServer).Name | Should -Be 'b1'
    }

    It 'has an error for a name that is not there' {
        $failure = Get-Failure { Get-VpnWsServer nix }
        $failure.FullyQualifiedErrorId | Should -Be 'ServerNotFound,VpnWs.PowerShell.GetVpnWsServerCommand'
        $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'does not see the servers of another runspace' {
        $null = Start-Server
        $other = Start-Runspace 'Get-VpnWsServer; Start-VpnWsServer -Http 127.0.0.1:0 -Name mine | Out-Null; (Get-VpnWsServer).Name'
        $other.Shell.EndInvoke($other.Running) | Should -Be 'mine'
        (Get-VpnWsServer).Name | Should -Be 'server0'
        Remove-Runspace $other
    }

    It 'has no more servers when its runspace is closed' {
        $other = Start-Runspace 'Start-VpnWsServer -Http 127.0.0.1:0'
        $server = $other.Shell.EndInvoke($other.Running)[0]
        $tap = Join-Lan $server
        Remove-Runspace $other
        $server.State | Should -Be 'Stopped'
        Wait-Until { (Get-VpnWsConnection).State -eq 'Reconnecting' }
        $tap.UsedBy | Should -Be 'connection0'
    }

    It 'shows a table that fits' {
        $null = Start-Server @{ Tap = (New-VpnWsTap -Loopback) }
        $lines = (Get-VpnWsServer | Out-String -Width 100).Trim() -split '\r?\n'
        $lines[0] | Should -Match '^Name +State +Peers +Tap +Up +Listening$'
        $lines | ForEach-Object Length | Should -Not -BeGreaterThan 100
    }

    It 'completes names' {
        'left', 'right' | ForEach-Object { Start-Server @{ Name = $_ } } | Out-Null
        foreach ($line in 'Get-VpnWsServer l', 'Stop-VpnWsServer l', 'Get-VpnWsPeer -Server l', 'Watch-VpnWsPeer -Server l') {
            ([System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)).CompletionMatches.CompletionText | Should -Be 'left'
        }
    }
}
