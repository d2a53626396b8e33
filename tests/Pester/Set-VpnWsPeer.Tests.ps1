BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'Set-VpnWsPeer' {
    BeforeAll { $folder = Get-Folder }
    AfterEach { Clear-Session }
    AfterAll { Remove-Item $folder -Recurse }

    It 'changes what a live peer may do, and leaves the rest' {
        $server = Start-Server
        $null = Join-Lan $server
        $peer = Get-VpnWsPeer | Set-VpnWsPeer -UploadLimit 20M -IP 10.0.0.7, fd00::/64 -IsolationGroup guests -PassThru
        $peer.Limits.UploadLimit | Should -Be 20000000
        "$($peer.Limits.Ips)" | Should -Be '10.0.0.7/32 fd00::/64'
        $peer.Limits.StormLimit | Should -Be 1000
        Set-VpnWsPeer 1 -DhcpGuard $true -TaggedVlan 10, '20-29' | Should -BeNullOrEmpty
        $limits = (Get-VpnWsPeer).Limits
        "$limits" | Should -Match '"dhcpGuard":true.*"taggedVlans":\[10,"20-29"\]'
        $limits.IsolationGroup | Should -Be guests
        Get-VpnWsPeer | Format-Table -View Limits | Out-String -Width 400 | Should -Match 'uploadLimit'
    }

    It 'makes a limit felt, tells of it, and shows the drops' {
        $server = Start-Server
        $tap = Join-Lan $server
        $null = Join-Lan $server
        $null = Register-ObjectEvent $server GuardHit -SourceIdentifier guard
        try {
            Set-VpnWsPeer 1 -Mac 02:00:00:00:00:99
            Send-VpnWsFrame $tap.Peer -Payload 'hello'
            Wait-Until { (Get-VpnWsPeer -Id 1).Drops['sourceNotAllowed'] -eq 1 }
            (Wait-Event guard -Timeout 15).SourceEventArgs.Reason | Should -Be sourceNotAllowed
        }
        finally { Unregister-Event guard; Get-Event guard -ErrorAction Ignore | Remove-Event }
    }

    It 'does nothing with -WhatIf, and has errors for what cannot be' {
        $server = Start-Server @{ Tap = (New-VpnWsTap -Loopback) }
        $null = Join-Lan $server
        Get-VpnWsPeer | Set-VpnWsPeer -FrameLimit 5 -WhatIf
        (Get-VpnWsPeer).Limits.FrameLimit | Should -BeNullOrEmpty
        (Get-Failure { Set-VpnWsPeer 99 -FrameLimit 5 }).FullyQualifiedErrorId | Should -BeLike 'PeerNotFound,*'
        (Get-Failure { Get-VpnWsPeer | Set-VpnWsPeer -FrameLimit fast }).FullyQualifiedErrorId | Should -BeLike 'RulesInvalid,*'
        (Get-Failure { Get-VpnWsPeer | Set-VpnWsPeer -Vlan 1 -TaggedVlan 2 }).FullyQualifiedErrorId | Should -BeLike 'RulesInvalid,*'
        (Get-Failure { Get-VpnWsPeer -IncludeTap | Where-Object IsTap | Set-VpnWsPeer -FrameLimit 5 }).FullyQualifiedErrorId | Should -BeLike 'TapNotLimited,*'
    }

    It 'reaches a server by its control socket' {
        $server = Start-VpnWsServer "$folder/s" -Rules @{ User = 'alice'; Bridge = $true }
        $socket = Join-OverUwsgi "$folder/s" alice 02:00:00:00:00:01
        try {
            Wait-Until { $server.PeerCount -eq 1 }
            $peer = Get-VpnWsPeer -ControlPath "$folder/s" | Set-VpnWsPeer -DownloadLimit 1.5G -PassThru
            $peer.Limits.DownloadLimit | Should -Be 1500000000
            $peer.Rule | Should -Be alice
            (Get-Failure { Set-VpnWsPeer 99 -FrameLimit 5 -ControlPath "$folder/s" }).FullyQualifiedErrorId | Should -BeLike 'PeerNotFound,*'
        }
        finally { $socket.Dispose() }
    }
}

Describe 'Start-VpnWsServer -Rules' {
    BeforeAll { $folder = Get-Folder }
    AfterEach { Clear-Session }
    AfterAll { Remove-Item $folder -Recurse }

    It 'takes rules as objects or as a file' {
        Set-Content "$folder/rules.json" '{ "rules": [ { "name": "all", "uploadLimit": "20M" } ] }'
        $objects = @{ User = 'gw'; Bridge = $true; Macs = '02:00:00:00:00:01', '02:00:00:00:00:02' }, [pscustomobject]@{ name = 'all'; uploadLimit = '20M' }
        foreach ($rules in "$folder/rules.json", (Get-Item "$folder/rules.json"), $objects) {
            $server = Start-Server @{ Rules = $rules }
            $null = Join-Lan $server
            (Get-VpnWsPeer).Rule | Should -Be all
            (Get-VpnWsPeer).Limits.UploadLimit | Should -Be 20000000
            Clear-Session
        }
    }

    It 'has an error for rules that cannot be, with the line of a file' {
        Set-Content "$folder/broken.json" "{ `"rules`": [`n { `"colour`": 1 } ] }"
        $failure = Get-Failure { Start-Server @{ Rules = "$folder/broken.json" } }
        $failure.FullyQualifiedErrorId | Should -BeLike 'RulesInvalid,*'
        $failure | Should -Match "broken.json: line 2: there is no setting 'colour'"
        $missing = Get-Failure { Start-Server @{ Rules = "$folder/none.json" } }
        "$($missing.FullyQualifiedErrorId) $($missing.CategoryInfo.Category) $missing" | Should -BeLike 'RulesInvalid,* ObjectNotFound Cannot read */none.json: there is no such file.'
        (Get-Failure { Start-Server @{ Rules = @{ Colour = 1 } } }) | Should -Match "there is no setting 'colour'"
        Get-VpnWsServer | Should -BeNullOrEmpty
    }
}
