BeforeAll {
    . $PSScriptRoot/Common.ps1

    # Waits until a watch in another runspace has begun; what happens before that it does not see.
    function Wait-Watched($Box) {
        $field = [VpnWs.PowerShell.LanServer].GetField('Raised', 'NonPublic, Instance')
        Wait-Until { $Box.Server -and $field.GetValue($Box.Server) } 'the watch begins'
    }
}

Describe 'Watch-VpnWsPeer' {
    BeforeAll { $folder = Get-Folder }
    AfterEach { Clear-Session }
    AfterAll { Remove-Item $folder -Recurse }

    It 'streams who joins, who leaves and why, who is refused, and who takes whose address' {
        # The watch runs in the runspace of the server, the clients in this one.
        $box = @{ Seen = @() }
        $run = Start-Runspace 'param($path, $box) $box.Server = Start-VpnWsServer $path -Http 127.0.0.1:0 -Name lan -MaxPeers 2; Watch-VpnWsPeer -Count 5 -TimeoutSec 20 | ForEach-Object { $box.Seen += "$($_.Kind)"; $_ }' "$folder/s", $box
        Wait-Watched $box
        $holder = Join-Lan $box.Server
        $thief = Join-OverUwsgi "$folder/s" bob "$($holder.MacAddress)"
        # A masked frame from the address that the other one holds, who lives: it answers when it is asked.
        $frame = [byte[]] ((, 0xff * 6) + [Convert]::FromHexString("$($holder.MacAddress)" -replace ':') + (0x88, 0xb5))
        $null = $thief.Send([byte[]] (@(0x82, (0x80 + $frame.Length), 0, 0, 0, 0) + $frame))
        { Join-OverUwsgi "$folder/s" carol 02:00:00:00:00:03 } | Should -Throw
        Wait-Until { (Get-VpnWsPeer -ControlPath "$folder/s" -User bob).FramesDropped -gt 0 }
        Wait-Until { Get-VpnWsPeer -ControlPath "$folder/s" -User bob | Where-Object { $_.Drops['addressConflict'] } }
        Wait-Until { $box.Seen -contains 'MacConflict' } 'the switch tells of the conflict'
        Get-VpnWsConnection | Disconnect-VpnWs
        $events = $run.Shell.EndInvoke($run.Running)
        $thief.Dispose()
        Remove-Runspace $run
        $events.ForEach({ "$($_.Kind)" }) | Sort-Object | Should -Be 'MacConflict', 'PeerJoined', 'PeerJoined', 'PeerLeft', 'PeerRefused'
        $joined = $events | Where-Object Kind -EQ PeerJoined
        $joined.Peer.User | Should -Be '', 'bob'
        $joined.Server | Sort-Object -Unique | Should -Be 'lan'
        $conflict = $events | Where-Object Kind -EQ MacConflict
        "$($conflict.MacAddress) $($conflict.PeerId)" | Should -Be "$($holder.MacAddress) 2"
        ($events | Where-Object Kind -EQ PeerRefused).Reason | Should -Match '503'
        $left = $events | Where-Object Kind -EQ PeerLeft
        $left.PeerId | Should -Be 1
        $left.Reason | Should -Not -BeNullOrEmpty
    }

    It 'ends after -TimeoutSec with nothing, which is no error' {
        $null = Start-Server
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        Watch-VpnWsPeer -TimeoutSec 0.3 | Should -BeNullOrEmpty
        $watch.ElapsedMilliseconds | Should -BeGreaterThan 250
    }

    It 'ends within 200 ms when the pipeline is stopped' {
        $run = Start-Runspace '$null = Start-VpnWsServer -Http 127.0.0.1:0; Write-Host ready; Watch-VpnWsPeer'
        Wait-Until { $run.Shell.Streams.Information.Count -gt 0 }
        Stop-Pipeline $run | Should -BeLessThan 200
        Remove-Runspace $run
    }

    It 'ends when its server does' {
        $box = @{}
        $run = Start-Runspace 'param($box) $box.Server = Start-VpnWsServer -Http 127.0.0.1:0; Watch-VpnWsPeer; "ended"' $box
        Wait-Watched $box
        $null = $box.Server.DisposeAsync().AsTask().Wait(5000)
        $run.Running.AsyncWaitHandle.WaitOne(5000) | Should -BeTrue
        Remove-Runspace $run
    }

    It 'lets the pipeline end it' {
        $box = @{}
        $run = Start-Runspace 'param($path, $box) $box.Server = Start-VpnWsServer $path; Watch-VpnWsPeer -TimeoutSec 20 | Select-Object -First 1 -ExpandProperty Kind; "went on"' "$folder/t", $box
        Wait-Watched $box
        $socket = Join-OverUwsgi "$folder/t" alice 02:00:00:00:00:01
        $run.Shell.EndInvoke($run.Running) | Should -Be 'PeerJoined', 'went on'
        $socket.Dispose()
        Remove-Runspace $run
    }

    It 'has an error where there is no server' {
        $failure = Get-Failure { Watch-VpnWsPeer -TimeoutSec 1 }
        $failure.FullyQualifiedErrorId | Should -Be 'ServerNotFound,VpnWs.PowerShell.WatchVpnWsPeerCommand'
        $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'has an error for a server that has stopped, and watches the others' {
        $stopped = Start-Server @{ Name = 'stopped' }
        Stop-VpnWsServer stopped
        $run = Start-Runspace 'Watch-VpnWsPeer $args[0]; "ended"' $stopped
        $run.Running.AsyncWaitHandle.WaitOne(5000) | Should -BeTrue
        $run.Shell.EndInvoke($run.Running) | Should -Be 'ended'
        $failure = $run.Shell.Streams.Error[0]
        $failure.FullyQualifiedErrorId | Should -Be 'ServerStopped,VpnWs.PowerShell.WatchVpnWsPeerCommand'
        $failure.CategoryInfo.Category | Should -Be 'ResourceUnavailable'
        "$failure" | Should -Match "'stopped' has stopped"
        Remove-Runspace $run
        $null = Start-Server
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        Watch-VpnWsPeer server0, $stopped, nix -TimeoutSec 0.3 -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Should -Be 'ServerNotFound,VpnWs.PowerShell.WatchVpnWsPeerCommand', 'ServerStopped,VpnWs.PowerShell.WatchVpnWsPeerCommand'
        $watch.ElapsedMilliseconds | Should -BeGreaterThan 250
    }

    It 'has the same events for Register-ObjectEvent, run on the thread of the pipeline' {
        $server = Start-Server
        $here = [System.Environment]::CurrentManagedThreadId
        $job = Register-ObjectEvent $server PeerJoined -Action { "$($Sender.Name) $($EventArgs.Kind) $($EventArgs.Peer.Id) $([System.Environment]::CurrentManagedThreadId -eq $Event.MessageData)" } -MessageData $here
        try {
            $null = Join-Lan $server
            Wait-Until { Start-Sleep -Milliseconds 10; $job.HasMoreData }
            Receive-Job $job | Should -Be 'server0 PeerJoined 1 True'
        }
        finally { Remove-Job $job -Force }
    }

    It 'is not troubled by a handler that throws on a thread of the engine' {
        $server = Start-Server
        Add-Type -TypeDefinition 'public static class Thrower { public static void Throw(object sender, System.EventArgs e) => throw new System.InvalidOperationException("on purpose"); }' -ErrorAction SilentlyContinue
        $server.add_PeerJoined([System.Delegate]::CreateDelegate([System.EventHandler[VpnWs.PowerShell.LanEventArgs]], [Thrower].GetMethod('Throw')))
        $one, $two = 1..2 | ForEach-Object { Join-Lan $server }
        Send-VpnWsFrame $one.Peer -Payload 'still there'
        (Receive-VpnWsFrame $two.Peer -TimeoutSec 5).Text | Should -Be 'still there'
        "$($server.LastHandlerError)" | Should -Match 'on purpose'
        $server | Stop-VpnWsServer -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -Match "'server0' failed: on purpose"
    }
}
