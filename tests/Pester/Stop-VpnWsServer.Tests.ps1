BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'Stop-VpnWsServer' {
    AfterEach { Clear-Session }

    It 'stops servers by name, pattern and object' {
        'a1', 'a2', 'b1', 'c1' | ForEach-Object { Start-Server @{ Name = $_ } } | Out-Null
        $all = Get-VpnWsServer
        Stop-VpnWsServer c1
        Stop-VpnWsServer a*
        (Get-VpnWsServer).Name | Should -Be 'b1'
        Get-VpnWsServer | Stop-VpnWsServer
        Get-VpnWsServer | Should -BeNullOrEmpty
        $all.State | Sort-Object -Unique | Should -Be 'Stopped'
    }

    It 'tells its peers, and its address is free again' {
        $server = Start-Server
        $null = Join-Lan $server
        Stop-VpnWsServer $server.Name
        Wait-Until { (Get-VpnWsConnection).LastError -match '1001' }
        (Start-VpnWsServer -Http $server.Http[0]).State | Should -Be 'Running'
        Wait-Until { (Get-VpnWsConnection).State -eq 'Connected' } 'the client connects again by itself'
        (Get-VpnWsConnection).ReconnectCount | Should -Be 1
    }

    It 'does nothing with -WhatIf' {
        $server = Start-Server
        Stop-VpnWsServer $server.Name -WhatIf
        $server.State | Should -Be 'Running'
    }

    It 'has an error for a name that is not there' {
        (Get-Failure { Stop-VpnWsServer nix }).FullyQualifiedErrorId | Should -Be 'ServerNotFound,VpnWs.PowerShell.StopVpnWsServerCommand'
    }

    It 'raises StateChanged' {
        $server = Start-Server
        $job = Register-ObjectEvent $server StateChanged -Action { $EventArgs.Message }
        try {
            $server | Stop-VpnWsServer
            Wait-Until { Start-Sleep -Milliseconds 10; $job.HasMoreData } 'the event arrives'
            Receive-Job $job | Should -Match 'stopped'
        }
        finally { Remove-Job $job -Force }
    }
}
