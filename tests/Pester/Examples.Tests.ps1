BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'The examples' {
    BeforeAll {
        $examples = Join-Path $script:Root examples
        $folder = Get-Folder
    }
    AfterEach { Clear-Session }
    AfterAll { Remove-Item $folder -Recurse }

    It 'are all tried here' {
        (Get-ChildItem $examples/*.ps1).BaseName | Should -Be 'client-with-addresses', 'lan-in-one-session', 'peer-report', 'peer-watchdog', 'server-with-bridge'
    }

    It 'lan-in-one-session.ps1 lets two stations talk, and leaves nothing' {
        $said = & $examples/lan-in-one-session.ps1
        $said[0] | Should -Match '^bob heard from .*: Is anybody there\?$'
        $said[1] | Should -Match '^alice heard from .*: It is me, Bob\.$'
        $said[2..3].FramesReceived | Should -Be 1, 1
        Get-VpnWsServer | Should -BeNullOrEmpty
        Get-VpnWsTap | Should -BeNullOrEmpty
    }

    It 'lan-in-one-session.ps1 runs as it is printed, in a pwsh of its own' {
        pwsh -NoProfile -NonInteractive -File $examples/lan-in-one-session.ps1 | Select-Object -First 1 | Should -Match '^bob heard from'
    }

    It 'server-with-bridge.ps1 puts its tap into the bridge, and client-with-addresses.ps1 has addresses' {
        if (-not $script:IsRoot) { Set-ItResult -Skipped -Because 'it needs root'; return }
        try {
            $server = & $examples/server-with-bridge.ps1 -Bridge vpnwstbr -Tap vpnwst%d
            ip -o link show master vpnwstbr | Out-String | Should -Match $server.Tap
            $connection = & $examples/client-with-addresses.ps1 $server.Uri -IPAddress 192.0.2.2/24 -Tap vpnwst%d
            ip address show dev $connection.Tap | Out-String | Should -Match '192\.0\.2\.2/24'
            Wait-Until { $server.PeerCount -eq 1 }
            (Get-VpnWsPeer).MacAddress | Should -Be $connection.Tap.MacAddress
        }
        finally { ip link del vpnwstbr }
    }

    It 'client-with-addresses.ps1 leaves no tap where it cannot connect' {
        if (-not $script:IsRoot) { Set-ItResult -Skipped -Because 'it needs root'; return }
        { & $examples/client-with-addresses.ps1 ws://127.0.0.1:1/ -Tap vpnwst%d } | Should -Throw '*refused*'
        Get-VpnWsTap | Should -BeNullOrEmpty
    }

    It 'peer-watchdog.ps1 removes idle peers and those over their quota, and no others' {
        $server = Start-Server
        $taps = 1..2 | ForEach-Object { Join-Lan $server @{ NoReconnect = $true } }
        & $examples/peer-watchdog.ps1 | Should -BeNullOrEmpty
        Send-VpnWsFrame $taps[0].Peer -Destination 02:00:00:00:00:99 -Payload ([byte[]]::new(500))
        Wait-Until { (Get-VpnWsPeer -Id 1).BytesReceived -gt 500 }
        & $examples/peer-watchdog.ps1 -Quota 500 -WhatIf | Should -BeNullOrEmpty
        $removed = & $examples/peer-watchdog.ps1 -Quota 500
        "$($removed.Id) $($removed.Reason)" | Should -Be '1 carried 514 bytes'
        Wait-Until { $server.PeerCount -eq 1 }
        Wait-Until { (Get-VpnWsPeer).IdleTime -gt '0.1s' }
        (& $examples/peer-watchdog.ps1 -MaxIdle 0.05s).Id | Should -Be 2
        Wait-Until { $server.PeerCount -eq 0 }
    }

    It 'peer-report.ps1 writes a table and a page' {
        $null = Start-VpnWsServer "$folder/s"
        $socket = Join-OverUwsgi "$folder/s" '<alice>' 02:00:00:00:00:01
        try {
            foreach ($where in @{}, @{ ControlPath = "$folder/s" }) {
                $csv, $html = & $examples/peer-report.ps1 -Folder $folder @where
                $row = Import-Csv $csv
                "$($row.Id) $($row.User) $($row.MacAddress)" | Should -Be '1 <alice> 02:00:00:00:00:01'
                $page = Get-Content $html -Raw
                $page | Should -Match '<td>02:00:00:00:00:01</td>'
                $page | Should -Match '&lt;alice&gt;'
            }
        }
        finally { $socket.Dispose() }
    }
}
