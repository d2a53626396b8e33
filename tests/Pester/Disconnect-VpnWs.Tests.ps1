BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'Disconnect-VpnWs' {
    AfterEach { Clear-Session }

    It 'ends connections by name, pattern and object, and their taps are free' {
        $server = Start-Server
        'a1', 'a2', 'b1' | ForEach-Object { Join-Lan $server @{ Name = $_ } } | Out-Null
        $all = Get-VpnWsConnection
        Disconnect-VpnWs a*
        (Get-VpnWsConnection).Name | Should -Be 'b1'
        Get-VpnWsConnection | Disconnect-VpnWs
        $all.State | Sort-Object -Unique | Should -Be 'Closed'
        Wait-Until { $server.PeerCount -eq 0 }
        Get-VpnWsTap | Where-Object UsedBy | Should -BeNullOrEmpty
        (Get-VpnWsTap).IsClosed | Sort-Object -Unique | Should -Be $false
    }

    It 'does nothing with -WhatIf' {
        $server = Start-Server
        $null = Join-Lan $server
        Disconnect-VpnWs * -WhatIf
        (Get-VpnWsConnection).State | Should -Be 'Connected'
    }

    It 'has an error for a name that is not there' {
        (Get-Failure { Disconnect-VpnWs nix }).FullyQualifiedErrorId | Should -Be 'ConnectionNotFound,VpnWs.PowerShell.DisconnectVpnWsCommand'
    }
}
