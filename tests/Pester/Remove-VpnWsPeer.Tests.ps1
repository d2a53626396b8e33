BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'Remove-VpnWsPeer' {
    BeforeAll { $folder = Get-Folder }
    AfterEach { Clear-Session }
    AfterAll { Remove-Item $folder -Recurse }

    It 'removes peers from the pipeline, across servers' {
        $servers = 'a', 'b' | ForEach-Object { Start-Server @{ Name = $_ } }
        $servers | ForEach-Object { Join-Lan $_ @{ NoReconnect = $true } } | Out-Null
        $removed = Get-VpnWsPeer | Where-Object IdleTime -lt 1h | Remove-VpnWsPeer -PassThru
        $removed.Server | Should -Be 'a', 'b'
        Wait-Until { $servers[0].PeerCount + $servers[1].PeerCount -eq 0 }
        Wait-Until { -not (Get-VpnWsConnection | Where-Object State -ne Closed) }
        (Get-VpnWsConnection).LastError | Should -Match '1008'
    }

    It 'removes by id, and says nothing without -PassThru' {
        $server = Start-Server
        1..3 | ForEach-Object { Join-Lan $server @{ NoReconnect = $true } } | Out-Null
        Remove-VpnWsPeer 2, 3 | Should -BeNullOrEmpty
        Wait-Until { $server.PeerCount -eq 1 }
        (Get-VpnWsPeer).Id | Should -Be 1
    }

    It 'does nothing with -WhatIf' {
        $server = Start-Server
        $null = Join-Lan $server
        Get-VpnWsPeer | Remove-VpnWsPeer -WhatIf
        Remove-VpnWsPeer 1 -WhatIf
        (Get-VpnWsConnection).LastError | Should -BeNullOrEmpty
        $server.PeerCount | Should -Be 1
    }

    It 'has an error for an id that is not there, and goes on' {
        $server = Start-Server
        $null = Join-Lan $server @{ NoReconnect = $true }
        Remove-VpnWsPeer 99, 1 -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures[0].FullyQualifiedErrorId | Should -Be 'PeerNotFound,VpnWs.PowerShell.RemoveVpnWsPeerCommand'
        $failures[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        Wait-Until { $server.PeerCount -eq 0 }
    }

    It 'has an error for a peer that has gone meanwhile' {
        $server = Start-Server
        $null = Join-Lan $server
        $peer = Get-VpnWsPeer
        Get-VpnWsConnection | Disconnect-VpnWs
        Wait-Until { $server.PeerCount -eq 0 }
        (Get-Failure { $peer | Remove-VpnWsPeer }).FullyQualifiedErrorId | Should -BeLike 'PeerNotFound,*'
    }

    It 'removes none where several servers have a peer of that id' {
        $servers = 'a', 'b' | ForEach-Object { Start-Server @{ Name = $_ } }
        $servers | ForEach-Object { Join-Lan $_ @{ NoReconnect = $true } } | Out-Null
        $failure = Get-Failure { Remove-VpnWsPeer 1 }
        $failure.FullyQualifiedErrorId | Should -BeLike 'PeerAmbiguous,*'
        $failure.ErrorDetails.RecommendedAction | Should -Match '-Server'
        Remove-VpnWsPeer 1 -Server b
        Wait-Until { $servers[1].PeerCount -eq 0 }
        $servers[0].PeerCount | Should -Be 1
    }

    It 'does not remove the own tap of a server' {
        $null = Start-Server @{ Tap = (New-VpnWsTap -Loopback) }
        (Get-Failure { Get-VpnWsPeer -IncludeTap | Remove-VpnWsPeer }).FullyQualifiedErrorId | Should -BeLike 'TapNotRemovable,*'
    }

    It 'removes over HTTP' {
        $server = Start-VpnWsServer "$folder/s"
        $socket = Join-OverUwsgi "$folder/s" alice 02:00:00:00:00:01
        $site = Start-AdminSite "$folder/s"
        try {
            $admin = [pscredential]::new('admin', (ConvertTo-SecureString secret -AsPlainText -Force))
            (Get-Failure { Remove-VpnWsPeer 99 -ControlUri $site.Uri -Credential $admin }).FullyQualifiedErrorId | Should -BeLike 'PeerNotFound,*'
            Get-VpnWsPeer -ControlUri $site.Uri -Credential $admin | Remove-VpnWsPeer
            Wait-Until { $server.PeerCount -eq 0 }
        }
        finally { $socket.Dispose(); Stop-AdminSite $site }
    }

    It 'removes from <Name>, over its control socket' -ForEach @(
        @{ Name = 'our program'; File = { Join-Path ($env:VPNWS_BIN ?? (Join-Path $script:Root artifacts bin)) vpn-ws }; Because = 'the programs are not published (VPNWS_BIN)' }
        @{ Name = 'the C program'; File = { "$env:VPNWS_C_DIR/vpn-ws" }; Because = 'VPNWS_C_DIR does not name the folder of the C programs' }
    ) {
        $path = "$folder/$($Name -replace ' ')"
        $process = Start-Program (& $File) $path
        if (-not $process) { Set-ItResult -Skipped -Because $Because; return }
        $sockets = @()
        try {
            $sockets = @(
                Join-OverUwsgi $path alice 02:00:00:00:00:01
                Join-OverUwsgi $path bob 02:00:00:00:00:02
                Join-OverUwsgi $path carol 02:00:00:00:00:03
            )
            Wait-Until { @(Get-VpnWsPeer -ControlPath $path).Count -eq 3 }
            (Get-VpnWsPeer -ControlPath $path -User bob).MacAddress | Should -Be '02:00:00:00:00:02'
            Get-VpnWsPeer -ControlPath $path | Where-Object User -eq bob | Remove-VpnWsPeer
            Wait-Until { @(Get-VpnWsPeer -ControlPath $path).Count -eq 2 }
            (Get-VpnWsPeer -ControlPath $path).User | Sort-Object | Should -Be 'alice', 'carol'
            Remove-VpnWsPeer (Get-VpnWsPeer -ControlPath $path -User alice).Id -ControlPath $path
            Wait-Until { @(Get-VpnWsPeer -ControlPath $path).Count -eq 1 }
            (Get-Failure { Remove-VpnWsPeer 999999 -ControlPath $path }).FullyQualifiedErrorId | Should -BeLike 'PeerNotFound,*'
        }
        finally {
            $sockets.ForEach('Dispose')
            $process.Kill()
            $process.Dispose()
        }
    }
}
