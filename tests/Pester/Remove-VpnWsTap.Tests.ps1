BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'Remove-VpnWsTap' {
    AfterEach { Clear-Session }

    It 'closes taps by name, pattern and object' {
        'a1', 'a2', 'b1', 'c1' | ForEach-Object { New-VpnWsTap -Loopback -Name $_ } | Out-Null
        Remove-VpnWsTap c1
        Remove-VpnWsTap a*
        (Get-VpnWsTap).Name | Should -Be 'b1'
        $tap = Get-VpnWsTap b1
        $tap | Remove-VpnWsTap
        $tap.IsClosed, $tap.Peer.IsClosed | Should -Be $true, $true
        Get-VpnWsTap | Should -BeNullOrEmpty
    }

    It 'removes a pair as a whole by the name of its far end' {
        $tap = New-VpnWsTap -Loopback -Name q
        Remove-VpnWsTap q-peer
        $tap.IsClosed, $tap.Peer.IsClosed | Should -Be $true, $true
        Get-VpnWsTap | Should -BeNullOrEmpty
        (New-VpnWsTap -Loopback -Name q).IsClosed | Should -BeFalse
    }

    It 'gives the name back to the runspace that made the tap, whichever removes it' {
        $run = Start-Runspace 'New-VpnWsTap -Loopback -Name q'
        $run.Shell.EndInvoke($run.Running) | Remove-VpnWsTap
        $run.Shell.Commands.Clear()
        ($run.Shell.AddScript('@(Get-VpnWsTap).Count; (New-VpnWsTap -Loopback -Name q).IsClosed').Invoke()) | Should -Be 0, $false
        Remove-Runspace $run
    }

    It 'does nothing with -WhatIf' {
        $tap = New-VpnWsTap -Loopback
        Remove-VpnWsTap $tap.Name -WhatIf
        $tap.IsClosed | Should -BeFalse
    }

    It 'leaves a tap that is in use, and says who uses it' {
        $server = Start-Server
        $tap = Join-Lan $server
        $failure = Get-Failure { $tap | Remove-VpnWsTap }
        $failure.FullyQualifiedErrorId | Should -Be 'TapInUse,VpnWs.PowerShell.RemoveVpnWsTapCommand'
        $failure.CategoryInfo.Category | Should -Be 'ResourceBusy'
        "$failure" | Should -Match 'connection0'
        $tap.IsClosed | Should -BeFalse
    }

    It 'has an error for a name that is not there' {
        (Get-Failure { Remove-VpnWsTap nix }).FullyQualifiedErrorId | Should -Be 'TapNotFound,VpnWs.PowerShell.RemoveVpnWsTapCommand'
    }
}
