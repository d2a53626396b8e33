BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'Get-VpnWsPeer' {
    BeforeAll { $folder = Get-Folder }
    AfterEach { Clear-Session }
    AfterAll { Remove-Item $folder -Recurse }

    It 'gives the peers of all servers of the session, or of those that are meant' {
        $servers = 'a', 'b' | ForEach-Object { Start-Server @{ Name = $_ } }
        $null = Join-Lan $servers[0]
        $null = Join-Lan $servers[1]
        $null = Join-Lan $servers[1]
        (Get-VpnWsPeer).Server | Should -Be 'a', 'b', 'b'
        (Get-VpnWsPeer -Server b).Id | Should -Be 1, 2
        (Get-VpnWsPeer $servers[0]).Server | Should -Be 'a'
        ($servers | Get-VpnWsPeer).Server | Should -Be 'a', 'b', 'b'
        Get-VpnWsPeer -Server x* | Should -BeNullOrEmpty
        (Get-Failure { Get-VpnWsPeer -Server x }).FullyQualifiedErrorId | Should -Be 'ServerNotFound,VpnWs.PowerShell.GetVpnWsPeerCommand'
    }

    It 'tells what is known of a peer' {
        $server = Start-Server
        $tap = Join-Lan $server
        Send-VpnWsFrame $tap.Peer -Payload 'x'
        Wait-Until { (Get-VpnWsPeer).FramesReceived -eq 1 }
        $peer = Get-VpnWsPeer
        $peer.MacAddress | Should -Be $tap.MacAddress
        "$($peer.Id) $($peer.Server) $($peer.RemoteAddress) $($peer.Transport) $($peer.BytesReceived) $($peer.BytesSent) $($peer.Traffic)" | Should -Be '1 server0 127.0.0.1 http 15 0 15'
        $peer.IsTap, $peer.IsBridge, $peer.IsClassic | Should -Be $false, $false, $false
        $peer.ConnectedAt | Should -BeGreaterThan ([datetime]::Now.AddMinutes(-1))
        "$peer" | Should -Be "peer 1 of server0, $($tap.MacAddress)"
    }

    It 'shows the own tap only where it is asked for' {
        $server = Start-Server @{ Tap = (New-VpnWsTap -Loopback) }
        $null = Join-Lan $server
        (Get-VpnWsPeer).IsTap | Should -Be $false
        $tap, $peer = Get-VpnWsPeer -IncludeTap
        $tap.IsTap, $peer.IsTap | Should -Be $true, $false
        # It did not join.
        $tap.ConnectedAt | Should -BeNullOrEmpty
        $tap | Format-Table | Out-String -Width 100 | Should -Not -Match '\d+d \d+h'
    }

    It 'has idle times that compare with text and are times' {
        $null = Join-Lan (Start-Server)
        $peer = Get-VpnWsPeer
        $peer.IdleTime -lt '1h' | Should -BeTrue
        $peer.IdleTime -gt '1h' | Should -BeFalse
        $peer.IdleTime -lt [timespan]::FromMinutes(5) | Should -BeTrue
        [timespan] $peer.IdleTime | Should -BeLessThan ([timespan]::FromMinutes(1))
        [datetime]::Now - $peer.IdleTime | Should -BeOfType datetime
        foreach ($bare in 90s, '1h', '15m', 2d) { Get-VpnWsPeer | Where-Object IdleTime -lt $bare | Should -HaveCount 1 }
        Get-VpnWsPeer | Where-Object IdleTime -lt 90s | Should -HaveCount 1
        Get-VpnWsPeer | Where-Object IdleTime -lt 2d | Should -HaveCount 1
        [VpnWs.PowerShell.Duration] 2d | Should -Be ([timespan]::FromDays(2))
        [VpnWs.PowerShell.Duration] '1.5h' | Should -Be ([timespan]::FromMinutes(90))
        { $peer.IdleTime -gt 'soon' } | Should -Throw '*15m*'
        Get-VpnWsPeer | Where-Object IdleTime -gt 00:10:00 | Should -BeNullOrEmpty
    }

    It 'filters by id, address, user and origin' {
        $server = Start-VpnWsServer "$folder/s" -Http 127.0.0.1:0
        $sockets = @(
            Join-OverUwsgi "$folder/s" alice 02:00:00:00:00:01
            Join-OverUwsgi "$folder/s" albert 02:00:00:00:00:02
            Join-OverUwsgi "$folder/s" bob 06:00:00:00:00:03
        )
        try {
            $local = Join-Lan $server
            (Get-VpnWsPeer -User al*).User | Should -Be 'alice', 'albert'
            (Get-VpnWsPeer -User BOB, alice).User | Should -Be 'alice', 'bob'
            (Get-VpnWsPeer -MacAddress 02:00:*02, 06-00-*).User | Should -Be 'albert', 'bob'
            (Get-VpnWsPeer -MacAddress 02-00-*-0[2-9], 0[5-7]:*).User | Should -Be 'albert', 'bob'
            (Get-VpnWsPeer -Id 1, 3).User | Should -Be 'alice', 'bob'
            (Get-VpnWsPeer -RemoteAddress 127.*).MacAddress | Should -Be $local.MacAddress
            Get-VpnWsPeer -RemoteAddress 192.0.2.* | Should -HaveCount 3
            Get-VpnWsPeer -User al* -Id 3 | Should -BeNullOrEmpty
        }
        finally { $sockets.Dispose() }
    }

    It 'asks over a control socket, and over HTTP with a password' {
        $null = Start-VpnWsServer "$folder/s" -Name away
        $socket = Join-OverUwsgi "$folder/s" alice 02:00:00:00:00:01
        $site = Start-AdminSite "$folder/s"
        try {
            $peer = Get-VpnWsPeer -ControlPath "$folder/s"
            "$($peer.Server) $($peer.User) $($peer.MacAddress) $($peer.Transport)" | Should -Be "$folder/s alice 02:00:00:00:00:01 uwsgi"
            $secret = ConvertTo-SecureString secret -AsPlainText -Force
            $peer = Get-VpnWsPeer -ControlUri $site.Uri -Credential ([pscredential]::new('admin', $secret))
            "$($peer.Server) $($peer.User)" | Should -Be "$($site.Uri) alice"
            $failure = Get-Failure { Get-VpnWsPeer -ControlUri $site.Uri -Credential ([pscredential]::new('mallory', $secret)) }
            $failure.FullyQualifiedErrorId | Should -Be 'AuthenticationFailed,VpnWs.PowerShell.GetVpnWsPeerCommand'
            $failure.CategoryInfo.Category | Should -Be 'AuthenticationError'
            (Get-Failure { Get-VpnWsPeer -ControlUri "$($site.Uri)/x" -Credential ([pscredential]::new('admin', $secret)) }).FullyQualifiedErrorId | Should -BeLike 'Refused,*'
        }
        finally { $socket.Dispose(); Stop-AdminSite $site }
    }

    It 'has a precise error for <Name>' -ForEach @(
        @{ Name = 'a socket that is not there'; With = @{ ControlPath = '/nonexistent/s' }; Id = 'Unreachable' }
        @{ Name = 'a port where nobody is'; With = @{ ControlUri = 'http://127.0.0.1:1/' }; Id = 'Unreachable' }
        @{ Name = 'a scheme that is no HTTP'; With = @{ ControlUri = 'ws://127.0.0.1:1/' }; Id = 'UriInvalid' }
    ) {
        (Get-Failure { Get-VpnWsPeer @With }).FullyQualifiedErrorId | Should -Be "$Id,VpnWs.PowerShell.GetVpnWsPeerCommand"
    }

    It 'has a precise error for -<_> with what is no wildcard pattern' -ForEach 'MacAddress', 'User', 'RemoteAddress', 'Server' {
        $with = @{ $_ = '[a' }
        $failure = Get-Failure { Get-VpnWsPeer @with }
        $failure.FullyQualifiedErrorId | Should -Be 'PatternInvalid,VpnWs.PowerShell.GetVpnWsPeerCommand'
        $failure.CategoryInfo.Category | Should -Be 'InvalidArgument'
        "$failure" | Should -Match '\[a'
        (Get-Failure { Get-VpnWsServer '[a' }).FullyQualifiedErrorId | Should -Be 'PatternInvalid,VpnWs.PowerShell.GetVpnWsServerCommand'
    }

    It 'ends within 200 ms when the pipeline is stopped while it waits, and after -TimeoutSec' {
        $silent = Start-SilentListener
        try {
            $run = Start-Runspace 'Write-Host waiting; Get-VpnWsPeer -ControlPath $args[0]' "$($silent.LocalEndpoint)"
            $null = $silent.AcceptTcpClient()
            Stop-Pipeline $run | Should -BeLessThan 200
            Remove-Runspace $run
            (Get-Failure { Get-VpnWsPeer -ControlPath "$($silent.LocalEndpoint)" -TimeoutSec 0.3 }).FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
        }
        finally { $silent.Stop() }
    }

    It 'shows tables that fit: <View>' -ForEach @(
        @{ View = ''; Head = '^ *Id +MacAddress +User +RemoteAddress +Joined +Idle +Received +Sent$' }
        @{ View = 'Mac'; Head = '^ *Id +User +Bridge +Addresses$' }
        @{ View = 'Traffic'; Head = '^ *Id +User +FramesIn +FramesOut +Received +Sent +Dropped +Drops$' }
    ) {
        $null = Join-Lan (Start-Server)
        $with = if ($View) { @{ View = $View } } else { @{} }
        $lines = (Get-VpnWsPeer | Format-Table @with | Out-String -Width 100).Trim() -split '\r?\n'
        $lines[0] | Should -Be 'Server: server0'
        $lines[2] | Should -Match $Head
        $lines | ForEach-Object Length | Should -Not -BeGreaterThan 100
    }

    It 'completes ids and addresses' {
        $server = Start-Server
        $tap = Join-Lan $server
        $null = Start-Server @{ Name = 'empty' }
        Get-Completion 'Get-VpnWsPeer -Id ' | Should -Be '1'
        Get-Completion 'Remove-VpnWsPeer -Id ' | Should -Be '1'
        Get-Completion 'Get-VpnWsPeer -MacAddress ' | Should -Be "$($tap.MacAddress)"
        Get-Completion 'Get-VpnWsPeer -Server server0 -Id ' | Should -Be '1'
        Get-Completion 'Get-VpnWsPeer -Server empty, nix -Id ' | Should -BeNullOrEmpty
    }

    It 'completes ids and addresses of servers somewhere else, whom it asks' {
        # What the line names is asked, and not the session: its servers have other peers.
        $null = Start-VpnWsServer "$folder/s"
        $sockets = Join-OverUwsgi "$folder/s" alice 02:00:00:00:00:01
        $elsewhere = Start-Runspace 'Start-VpnWsServer "$($args[0])/far"' $folder
        $null = $elsewhere.Shell.EndInvoke($elsewhere.Running)
        $sockets = @($sockets; 'bob', 'carol' | ForEach-Object { Join-OverUwsgi "$folder/far" $_ "02:00:00:00:01:0$($_.Length)" })
        $site = Start-AdminSite "$folder/far"
        try {
            Get-Completion "Get-VpnWsPeer -ControlPath $folder/far -Id " | Should -Be '1', '2'
            Get-Completion "Remove-VpnWsPeer -ControlPath $folder/far -Id 2" | Should -Be '2'
            Get-Completion "Get-VpnWsPeer -ControlPath $folder/far -MacAddress " | Should -Be '02:00:00:00:01:03', '02:00:00:00:01:05'
            Push-Location $folder
            try { Get-Completion 'Get-VpnWsPeer -ControlPath ./far -Id ' | Should -Be '1', '2' } finally { Pop-Location }
            $global:vpnwsSecret = Get-Secret admin secret
            Get-Completion "Get-VpnWsPeer -ControlUri $($site.Uri) -Credential `$vpnwsSecret -MacAddress " | Should -Be '02:00:00:00:01:03', '02:00:00:00:01:05'
            Get-Completion "Get-VpnWsPeer -ControlUri $($site.Uri) -Id " | Should -BeNullOrEmpty
        }
        finally { $sockets.Dispose(); Stop-AdminSite $site; Remove-Runspace $elsewhere; Remove-Variable vpnwsSecret -Scope Global -ErrorAction SilentlyContinue }
    }

    It 'completes nothing, soon and without a word, where <Name>' -ForEach @(
        @{ Name = 'nobody answers'; Line = { "Get-VpnWsPeer -ControlPath $($silent.LocalEndpoint) -Id " } }
        @{ Name = 'nobody answers over HTTP'; Line = { "Remove-VpnWsPeer -ControlUri http://$($silent.LocalEndpoint)/ -Id " } }
        @{ Name = 'there is no socket'; Line = { 'Get-VpnWsPeer -ControlPath /nonexistent/s -MacAddress ' } }
        @{ Name = 'there is no URL'; Line = { 'Get-VpnWsPeer -ControlUri nonsense -Id ' } }
        @{ Name = 'there is no pattern'; Line = { "Get-VpnWsPeer -Server '[a' -Id " } }
    ) {
        $silent = Start-SilentListener
        try {
            $count = $Error.Count
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            Get-Completion (& $Line) | Should -BeNullOrEmpty
            $watch.ElapsedMilliseconds | Should -BeLessThan 2000
            $Error.Count | Should -Be $count
        }
        finally { $silent.Stop() }
    }
}
