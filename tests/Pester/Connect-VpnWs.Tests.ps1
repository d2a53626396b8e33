BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'Connect-VpnWs' {
    AfterEach { Clear-Session }

    It 'joins a tap and returns the connection once the link is up' {
        $server = Start-Server
        $tap = New-VpnWsTap -Loopback
        $connection = Connect-VpnWs $server.Uri -Tap $tap -Name home
        "$connection" | Should -Be 'home'
        $connection.State | Should -Be 'Connected'
        $connection.Tap | Should -Be $tap
        $connection.Uri | Should -Be $server.Uri
        $connection.ReconnectCount | Should -Be 0
        $connection.LastError | Should -BeNullOrEmpty
        $connection.ConnectedAt | Should -BeGreaterThan ([datetime]::Now.AddMinutes(-1))
        Wait-Until { (Get-VpnWsPeer).MacAddress -eq $tap.MacAddress }
    }

    It 'carries frames from the session to the server and back, and counts them' {
        $hub = New-VpnWsTap -Loopback
        $server = Start-Server @{ Tap = $hub }
        $tap = Join-Lan $server
        1..3 | ForEach-Object { Send-VpnWsFrame $tap.Peer -Destination $hub.MacAddress -Payload "up $_" }
        (Receive-VpnWsFrame $hub.Peer -Count 3 -TimeoutSec 5).Text | Should -Be 'up 1', 'up 2', 'up 3'
        Send-VpnWsFrame $hub.Peer -Destination $tap.MacAddress -Payload down
        (Receive-VpnWsFrame $tap.Peer -TimeoutSec 5).Text | Should -Be 'down'
        $connection = Get-VpnWsConnection
        "$($connection.FramesSent) $($connection.BytesSent) $($connection.FramesReceived) $($connection.BytesReceived) $($connection.Traffic)" |
            Should -Be "3 $(3 * 18) 1 18 $(4 * 18)"
    }

    It 'shows the credentials to the server and to nobody else' {
        $listener = [System.Net.HttpListener]::new()
        $port = (Start-SilentListener | ForEach-Object { $_.LocalEndpoint.Port; $_.Stop() })
        $listener.Prefixes.Add("http://127.0.0.1:$port/")
        $listener.Start()
        try {
            $secret = [pscredential]::new('alice', (ConvertTo-SecureString 'open sesame' -AsPlainText -Force))
            $asked = $listener.GetContextAsync()
            $run = Start-Runspace 'param($uri, $credential) Connect-VpnWs $uri -Tap (New-VpnWsTap -Loopback) -Credential $credential -Header @{ "X-Site" = "Rome" } -Verbose -Debug' "ws://127.0.0.1:$port/vpn?token=hidden", $secret
            $context = $asked.GetAwaiter().GetResult()
            $context.Request.Headers['Authorization'] | Should -Be "Basic $([Convert]::ToBase64String([System.Text.Encoding]::UTF8.GetBytes('alice:open sesame')))"
            $context.Request.Headers['X-Site'] | Should -Be 'Rome'
            $context.Response.StatusCode = 401
            $context.Response.Close()
            $null = $run.Shell.EndInvoke($run.Running)
            $record = $run.Shell.Streams.Error[0]
            $record.FullyQualifiedErrorId | Should -Be 'AuthenticationFailed,VpnWs.PowerShell.ConnectVpnWsCommand'
            $record.CategoryInfo.Category | Should -Be 'AuthenticationError'
            $said = @($record; $run.Shell.Streams.Verbose; $run.Shell.Streams.Debug) | Out-String
            $said | Should -Not -Match 'sesame|hidden'
            Remove-Runspace $run
        }
        finally { $listener.Abort() }
    }

    It 'ends with a precise error where there is <Name>, and leaves nothing' -ForEach @(
        @{ Name = 'nobody'; Id = 'Unreachable'; Category = 'ConnectionError'; Uri = { 'ws://127.0.0.1:1/' } }
        @{ Name = 'no TLS'; Id = 'CertificateRejected'; Category = 'SecurityError'; Uri = { $server.Uri -replace 'ws:', 'wss:' } }
    ) {
        $server = Start-Server
        $tap = New-VpnWsTap -Loopback
        $failure = Get-Failure { Connect-VpnWs (& $Uri) -Tap $tap }
        $failure.FullyQualifiedErrorId | Should -Be "$Id,VpnWs.PowerShell.ConnectVpnWsCommand"
        $failure.CategoryInfo.Category | Should -Be $Category
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        $failure.TargetObject | Should -Be (& $Uri)
        Get-VpnWsConnection | Should -BeNullOrEmpty
        $tap.UsedBy | Should -BeNullOrEmpty
    }

    It 'ends with an error after -TimeoutSec where nobody answers' {
        $silent = Start-SilentListener
        try {
            $failure = Get-Failure { Connect-VpnWs "ws://$($silent.LocalEndpoint)/" -Tap (New-VpnWsTap -Loopback) -TimeoutSec 0.3 }
            $failure.FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
            $failure.CategoryInfo.Category | Should -Be 'OperationTimeout'
        }
        finally { $silent.Stop() }
    }

    It 'ends within 200 ms when the pipeline is stopped while it waits, showing progress' {
        $silent = Start-SilentListener
        try {
            $run = Start-Runspace '$ProgressPreference = "Continue"; Connect-VpnWs $args[0] -Tap (New-VpnWsTap -Loopback -Name t)' "ws://$($silent.LocalEndpoint)/"
            Wait-Until { $run.Shell.Streams.Progress.Count -gt 0 }
            $run.Shell.Streams.Progress[0].Activity | Should -Match 'Connecting to ws://127.0.0.1'
            Stop-Pipeline $run | Should -BeLessThan 200
            $run.Shell.Commands.Clear()
            $null = $run.Shell.AddScript('Get-VpnWsConnection; while ((Get-VpnWsTap t).UsedBy) { [System.Threading.Thread]::Sleep(10) }; (Get-VpnWsTap t).IsClosed')
            $run.Shell.Invoke() | Should -Be $false
            Remove-Runspace $run
        }
        finally { $silent.Stop() }
    }

    It 'refuses <Name> before anything is done' -ForEach @(
        @{ Name = 'another scheme'; With = @{ Uri = 'https://vpn.example.com' }; Id = 'UriInvalid' }
        @{ Name = 'a header of the handshake'; With = @{ Uri = 'ws://127.0.0.1:1'; Header = @{ 'Sec-WebSocket-Key' = 'x' } }; Id = 'HeaderInvalid' }
        @{ Name = 'a header with a line end'; With = @{ Uri = 'ws://127.0.0.1:1'; Header = @{ A = "x`r`nB: y" } }; Id = 'HeaderInvalid' }
        @{ Name = 'a certificate that is not there'; With = @{ Uri = 'wss://127.0.0.1:1'; CertificatePath = '/nonexistent.pem' }; Id = 'CertificateUnreadable'; Category = 'ObjectNotFound'; Text = 'Cannot read /nonexistent.pem: there is no such file*' }
        @{ Name = 'authorities that are not there'; With = @{ Uri = 'wss://127.0.0.1:1'; AuthorityPath = '/nonexistent.pem' }; Id = 'CertificateUnreadable'; Category = 'ObjectNotFound' }
        @{ Name = 'a proxy without a scheme'; With = @{ Uri = 'ws://127.0.0.1:1'; Proxy = 'proxy.example.com:3128' }; Id = 'ProxyInvalid'; Text = '*must start with http://*' }
        @{ Name = 'a proxy that is an address alone'; With = @{ Uri = 'ws://127.0.0.1:1'; Proxy = '192.0.2.1' }; Id = 'ProxyInvalid'; Text = '*must start with http://*' }
        @{ Name = 'a proxy of another kind'; With = @{ Uri = 'ws://127.0.0.1:1'; Proxy = 'ftp://user:sesame@192.0.2.1' }; Id = 'ProxyInvalid'; Text = '*must start with http://*' }
        @{ Name = 'a proxy with a path'; With = @{ Uri = 'ws://127.0.0.1:1'; Proxy = 'http://user:sesame@192.0.2.1/x' }; Id = 'ProxyInvalid'; Text = '*must end with the host*' }
        @{ Name = 'an address with a fragment'; With = @{ Uri = 'ws://127.0.0.1:1/#x' }; Id = 'UriInvalid' }
        @{ Name = 'a user that cannot be sent'; With = @{ Uri = 'ws://127.0.0.1:1'; Credential = [pscredential]::new('a:sesame', [securestring]::new()) }; Id = 'CredentialInvalid' }
        @{ Name = 'credentials for no proxy'; With = @{ Uri = 'ws://127.0.0.1:1'; ProxyCredential = [pscredential]::new('a', [securestring]::new()) }; Id = 'ProxyInvalid'; Text = '*-Proxy, which is not given*' }
    ) {
        $tap = New-VpnWsTap -Loopback
        $failure = Get-Failure { Connect-VpnWs -Tap $tap @With }
        $failure.FullyQualifiedErrorId | Should -Be "$Id,VpnWs.PowerShell.ConnectVpnWsCommand"
        $failure.CategoryInfo.Category | Should -Be ($Category ?? 'InvalidArgument')
        "$failure" | Should -BeLike ($Text ?? '*')
        "$failure" | Should -Not -Match 'sesame'
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        $tap.UsedBy | Should -BeNullOrEmpty
    }

    It 'refuses a certificate without its key' {
        $folder = Get-Folder
        $tap = New-VpnWsTap -Loopback
        $null = New-Certificate public $folder
        $certificate = [System.Security.Cryptography.X509Certificates.X509CertificateLoader]::LoadCertificateFromFile("$folder/public.crt")
        $failure = Get-Failure { Connect-VpnWs wss://127.0.0.1:1 -Tap $tap -Certificate $certificate }
        "$failure" | Should -Match 'CN=public has no private key'
        $failure.FullyQualifiedErrorId | Should -BeLike 'CertificateUnreadable,*'
        $tap.UsedBy | Should -BeNullOrEmpty
        Remove-Item $folder -Recurse
    }

    It 'refuses a tap, or a name, that is in use' {
        $server = Start-Server
        $tap = Join-Lan $server
        (Get-Failure { Connect-VpnWs $server.Uri -Tap $tap }).FullyQualifiedErrorId | Should -BeLike 'TapInUse,*'
        (Get-Failure { Connect-VpnWs $server.Uri -Tap (New-VpnWsTap -Loopback) -Name connection0 }).FullyQualifiedErrorId | Should -BeLike 'NameInUse,*'
        Get-VpnWsConnection | Should -HaveCount 1
    }

    It 'runs -Exec before the link is made, and undoes all where it fails' {
        $server = Start-Server
        $tap = New-VpnWsTap -Loopback
        $seen = @{}
        $failure = Get-Failure { Connect-VpnWs $server.Uri -Tap $tap -Exec { $seen.Text = "$_ $($server.PeerCount)"; throw 'no' } }
        "$failure" | Should -Be 'no'
        $seen.Text | Should -Be 'loop0 0'
        Get-VpnWsConnection | Should -BeNullOrEmpty
        (Connect-VpnWs $server.Uri -Tap $tap -Exec { param($t) $null = $t }).State | Should -Be 'Connected'
    }

    It 'connects again when the link is lost, and says so with an event' {
        $server = Start-Server
        $null = Join-Lan $server
        $connection = Get-VpnWsConnection
        $null = Register-ObjectEvent $connection StateChanged -SourceIdentifier state
        try {
            Get-VpnWsPeer | Remove-VpnWsPeer
            (Wait-Event state -Timeout 10).SourceEventArgs.State | Should -Be 'Reconnecting'
            Remove-Event state
            (Wait-Event state -Timeout 10).SourceEventArgs.State | Should -Be 'Connected'
            $connection.ReconnectCount | Should -Be 1
            $connection.LastError | Should -Match '1008'
        }
        finally { Unregister-Event state; Get-Event | Remove-Event }
    }

    It 'ends with its link under -NoReconnect' {
        $server = Start-Server
        $null = Join-Lan $server @{ NoReconnect = $true }
        Get-VpnWsPeer | Remove-VpnWsPeer
        Wait-Until { (Get-VpnWsConnection).State -eq 'Closed' }
        (Get-VpnWsConnection).LastError | Should -Match '1008'
        (Get-VpnWsConnection).ReconnectCount | Should -Be 0
    }

    It 'warns where the server does not let it be a bridge' {
        $server = Start-Server
        $connection = Connect-VpnWs $server.Uri -Tap (New-VpnWsTap -Loopback) -Bridge -WarningVariable warnings -WarningAction SilentlyContinue
        $connection.IsBridge | Should -BeFalse
        "$warnings" | Should -Match 'bridge'
        $server = Start-Server @{ PeerBridge = $true }
        (Connect-VpnWs $server.Uri -Tap (New-VpnWsTap -Loopback) -Bridge -WarningAction Stop).IsBridge | Should -BeTrue
    }

    It 'goes through a proxy' {
        $silent = Start-SilentListener
        try {
            $asked = $silent.AcceptTcpClientAsync()
            $run = Start-Runspace 'Connect-VpnWs ws://vpn.example.com/ -Proxy $args[0] -Tap (New-VpnWsTap -Loopback)' "http://$($silent.LocalEndpoint)"
            $client = $asked.GetAwaiter().GetResult()
            [System.IO.StreamReader]::new($client.GetStream()).ReadLine() | Should -Match 'vpn\.example\.com'
            $null = Stop-Pipeline $run
            Remove-Runspace $run
            $client.Dispose()
        }
        finally { $silent.Stop() }
    }

    It 'does nothing with -WhatIf' {
        $server = Start-Server
        Connect-VpnWs $server.Uri -Tap (New-VpnWsTap -Loopback) -WhatIf | Should -BeNullOrEmpty
        $server.PeerCount | Should -Be 0
    }

    It 'makes a tap where none is given, as root' {
        if (-not $script:IsRoot) { Set-ItResult -Skipped -Because 'it needs root'; return }
        $server = Start-Server
        $connection = Connect-VpnWs $server.Uri -Tap vpnwst%d -Exec { ip link set $_ up }
        (Get-VpnWsTap).UsedBy | Should -Be $connection.Name
        Test-Path "/sys/class/net/$($connection.Tap)" | Should -BeTrue
        Disconnect-VpnWs $connection.Name
        Test-Path "/sys/class/net/$($connection.Tap)" | Should -BeFalse
    }
}
