BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'Start-VpnWsServer' {
    BeforeAll { $folder = Get-Folder }
    AfterEach { Clear-Session }
    AfterAll { Remove-Item $folder -Recurse }

    It 'listens where it is told, and says where that is' {
        $server = Start-VpnWsServer "$folder/s1" -Http 127.0.0.1:0, '[::1]:0' -Name office
        "$server" | Should -Be 'office'
        $server.State | Should -Be 'Running'
        $server.Address | Should -Be "$folder/s1"
        $server.Http | Should -HaveCount 2
        $server.Uri | Should -Be "ws://$($server.Http[0])/"
        $server.PeerCount | Should -Be 0
        $server.StartedAt | Should -BeGreaterThan ([datetime]::Now.AddMinutes(-1))
    }

    It 'takes a path that is relative to the location' {
        Push-Location $folder
        try { (Start-VpnWsServer ./s2).Address | Should -Be "$folder/s2" } finally { Pop-Location }
        Test-Path "$folder/s2" | Should -BeTrue
    }

    It 'takes the access rights of its socket as <Mode>' -ForEach @{ Mode = '0660' }, @{ Mode = 600 }, @{ Mode = [System.IO.UnixFileMode]::UserRead } {
        $null = Start-VpnWsServer "$folder/s3" -SocketMode $Mode
        $rights = [System.IO.File]::GetUnixFileMode("$folder/s3")
        [Convert]::ToString([int] $rights, 8) | Should -Be @{ '0660' = '660'; '600' = '600'; 'UserRead' = '400' }["$Mode"]
    }

    It 'switches frames between peers: to everyone, and to the one who holds the address' {
        $server = Start-Server
        $one, $two, $three = 1..3 | ForEach-Object { Join-Lan $server }
        Send-VpnWsFrame $one.Peer -Payload 'to all'
        foreach ($other in $two, $three) { (Receive-VpnWsFrame $other.Peer -TimeoutSec 5).Text | Should -Be 'to all' }
        Send-VpnWsFrame $two.Peer -Destination $one.MacAddress -Payload 'to one'
        Send-VpnWsFrame $two.Peer -Payload 'to all again'
        $atOne = Receive-VpnWsFrame $one.Peer -Count 2 -TimeoutSec 5
        $atOne.Text | Should -Be 'to one', 'to all again'
        $atOne[0].Source | Should -Be $two.MacAddress
        (Receive-VpnWsFrame $three.Peer -TimeoutSec 5).Text | Should -Be 'to all again'
    }

    It 'has a tap of its own on the LAN, given as an object or by name' {
        $tap = New-VpnWsTap -Loopback -Name hub
        $server = Start-Server @{ Tap = 'hub' }
        $server.Tap | Should -Be $tap
        $tap.UsedBy | Should -Be $server.Name
        $peer = Join-Lan $server
        Send-VpnWsFrame $peer.Peer -Destination $tap.MacAddress -Payload 'to the hub'
        (Receive-VpnWsFrame $tap.Peer -TimeoutSec 5).Text | Should -Be 'to the hub'
        Stop-VpnWsServer $server.Name
        $tap.UsedBy | Should -BeNullOrEmpty
        (Start-Server @{ Tap = $tap }).Tap | Should -Be $tap
    }

    It 'keeps peers apart with -Isolate' {
        $hub = New-VpnWsTap -Loopback
        $server = Start-Server @{ Tap = $hub; Isolate = $true }
        $server.IsIsolated | Should -BeTrue
        $one, $two = 1..2 | ForEach-Object { Join-Lan $server }
        Send-VpnWsFrame $one.Peer -Payload 'not for two'
        (Receive-VpnWsFrame $hub.Peer -TimeoutSec 5).Text | Should -Be 'not for two'
        Send-VpnWsFrame $hub.Peer -Payload 'for two'
        (Receive-VpnWsFrame $two.Peer -TimeoutSec 5).Text | Should -Be 'for two'
    }

    It 'sends broadcasts to bridge ports only with -NoBroadcast' {
        $hub = New-VpnWsTap -Loopback
        $server = Start-Server @{ Tap = $hub; Bridge = $true; NoBroadcast = $true }
        $one, $two = 1..2 | ForEach-Object { Join-Lan $server }
        Send-VpnWsFrame $one.Peer -Payload 'broadcast'
        (Receive-VpnWsFrame $hub.Peer -TimeoutSec 5).Text | Should -Be 'broadcast'
        Send-VpnWsFrame $one.Peer -Destination $two.MacAddress -Payload 'unicast'
        (Receive-VpnWsFrame $two.Peer -TimeoutSec 5).Text | Should -Be 'unicast'
    }

    It 'answers more than -MaxPeers that it is full' {
        $server = Start-Server @{ MaxPeers = 1 }
        $null = Join-Lan $server
        $failure = Get-Failure { Connect-VpnWs $server.Uri -Tap (New-VpnWsTap -Loopback) }
        $failure.FullyQualifiedErrorId | Should -BeLike 'Refused,*'
        "$failure" | Should -Match '503'
    }

    It 'refuses to start <Name>, and says why' -ForEach @(
        @{ Name = 'without an address'; With = @{}; Id = 'NoAddress'; Category = 'InvalidArgument' }
        @{ Name = 'at a host without its port'; With = @{ Http = 'foo' }; Id = 'AddressInvalid'; Category = 'InvalidArgument' }
        @{ Name = 'with -Bridge and no tap'; With = @{ Http = '127.0.0.1:0'; Bridge = $true }; Id = 'TapMissing'; Category = 'InvalidArgument' }
        @{ Name = 'at an address of another machine'; With = @{ Http = '192.0.2.77:0' }; Id = 'AddressInvalid'; Category = 'InvalidArgument' }
        @{ Name = 'in a folder that is not there'; With = @{ Address = '/nonexistent/s' }; Id = 'AddressInvalid'; Category = 'InvalidArgument' }
    ) {
        $failure = Get-Failure { Start-VpnWsServer @With }
        $failure.FullyQualifiedErrorId | Should -Be "$Id,VpnWs.PowerShell.StartVpnWsServerCommand"
        $failure.CategoryInfo.Category | Should -Be $Category
        Get-VpnWsServer | Should -BeNullOrEmpty
    }

    It 'refuses an address that another server listens on' {
        $server = Start-Server
        $failure = Get-Failure { Start-VpnWsServer -Http $server.Http[0] }
        $failure.FullyQualifiedErrorId | Should -Be 'AddressInUse,VpnWs.PowerShell.StartVpnWsServerCommand'
        $failure.CategoryInfo.Category | Should -Be 'ResourceBusy'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'another address'
    }

    It 'refuses what is no address before anything is done' {
        { Start-VpnWsServer -Http 'localhost:notaport' } | Should -Throw '*has no port from 0 to 65535*'
        { Start-VpnWsServer "$folder/s4" -SocketMode 0999 } | Should -Throw '*octal*'
        { Start-VpnWsServer -Http 127.0.0.1:0 -MaxPeers 0 } | Should -Throw '*minimum*'
        Get-VpnWsServer | Should -BeNullOrEmpty
    }

    It 'refuses a name, or a tap, that is in use' {
        $tap = New-VpnWsTap -Loopback
        $null = Start-Server @{ Name = 'office'; Tap = $tap }
        (Get-Failure { Start-Server @{ Name = 'OFFICE' } }).FullyQualifiedErrorId | Should -BeLike 'NameInUse,*'
        (Get-Failure { Start-Server @{ Tap = $tap } }).FullyQualifiedErrorId | Should -BeLike 'TapInUse,*'
        Get-VpnWsServer | Should -HaveCount 1
    }

    It 'does nothing with -WhatIf' {
        Start-Server @{ WhatIf = $true } | Should -BeNullOrEmpty
        (Get-Failure { Start-Server @{ WhatIf = $true; CertificatePath = '/nonexistent/c' } }).FullyQualifiedErrorId | Should -BeLike 'CertificateUnreadable,*'
        Get-VpnWsServer | Should -BeNullOrEmpty
    }

    It 'tells what it does in the verbose stream' {
        $server = Start-Server
        $said = Connect-VpnWs $server.Uri -Tap (New-VpnWsTap -Loopback) -Verbose 4>&1
        "$said" | Should -Match 'connected to ws://127.0.0.1'
    }
}

Describe 'Start-VpnWsServer, who comes in' {
    BeforeAll {
        $folder = Get-Folder
        $own = New-Certificate server $folder
        $client = New-Certificate client $folder
    }
    AfterEach { Clear-Session }
    AfterAll { Remove-Item $folder -Recurse }

    It 'speaks TLS with a certificate given as <Name>' -ForEach @(
        @{ Name = 'files'; With = { @{ CertificatePath = "$folder/server.crt"; KeyPath = "$folder/server.key" } } }
        @{ Name = 'an object'; With = { @{ Certificate = $own } } }
    ) {
        $server = Start-Server ((& $With) + @{ Path = '/vpn' })
        "$($server.Uri)" | Should -BeLike 'wss://127.0.0.1:*/vpn'
        $tap = New-VpnWsTap -Loopback
        (Get-Failure { Connect-VpnWs $server.Uri -Tap $tap }).FullyQualifiedErrorId | Should -BeLike 'CertificateRejected,*'
        Connect-VpnWs $server.Uri -Tap $tap -AuthorityPath "$folder/server.crt" | ForEach-Object State | Should -Be 'Connected'
        Connect-VpnWs $server.Uri -Tap (New-VpnWsTap -Loopback) -SkipCertificateCheck | ForEach-Object State | Should -Be 'Connected'
        $elsewhere = "$($server.Uri)" -replace '/vpn$', '/other'
        "$(Get-Failure { Connect-VpnWs $elsewhere -Tap (New-VpnWsTap -Loopback) -SkipCertificateCheck })" | Should -Match '404'
    }

    It 'says what is wrong with <Name>' -ForEach @(
        @{ Name = 'a key that is not there'; With = { @{ CertificatePath = "$folder/server.crt"; KeyPath = "$folder/none.key" } }; Text = '*none.key: there is no such file*'; Category = 'ObjectNotFound' }
        @{ Name = 'a file without a key'; With = { @{ CertificatePath = "$folder/server.crt" } }; Text = 'There is no private key in *server.crt; name its file with -KeyPath*' }
        @{ Name = "another's key"; With = { @{ CertificatePath = "$folder/server.crt"; KeyPath = "$folder/client.key" } }; Text = 'The key in *client.key is damaged or does not belong to the certificate in *server.crt*' }
        @{ Name = 'a locked key'; With = { @{ CertificatePath = "$folder/server.crt"; KeyPath = "$folder/locked.key" } }; Text = '*locked.key is encrypted; give its password with -CertificatePassword*' }
        @{ Name = 'the password of a locked key'; With = { @{ CertificatePath = "$folder/server.crt"; KeyPath = "$folder/locked.key"; CertificatePassword = (ConvertTo-SecureString wrong -AsPlainText) } }; Text = '*or the password is wrong*' }
        @{ Name = 'a file of something else'; With = { @{ CertificatePath = "$folder/noise" } }; Text = '*noise: it is neither PEM nor PKCS #12*' }
        @{ Name = 'authorities and no TLS'; With = { @{ ClientCA = "$folder/server.crt" } }; Text = '-ClientCA is for TLS*'; Id = 'ClientCAWithoutTls'; Category = 'InvalidArgument' }
        @{ Name = 'suites and no TLS'; With = { @{ TlsSuite = 'system' } }; Text = '-TlsSuite is for TLS*'; Id = 'TlsSuiteWithoutTls'; Category = 'InvalidArgument' }
        @{ Name = 'a suite that nobody should take'; With = { @{ Certificate = $own; TlsSuite = 'TLS_AES_128_GCM_SHA256', 'TLS_RSA_WITH_RC4_128_MD5' } }; Text = "'TLS_RSA_WITH_RC4_128_MD5' is none of the TLS suites that can be asked for: TLS_*, or system."; Id = 'TlsSuiteUnknown'; Category = 'InvalidArgument' }
        @{ Name = 'authorities that are none'; With = { @{ Certificate = $own; ClientCA = "$folder/server.key" } }; Text = 'There is no certificate in *server.key*' }
        @{ Name = 'a certificate that has expired'; With = { @{ Certificate = $expired } }; Text = 'The certificate CN=expired expired at *'; Id = 'CertificateNotValid' }
        @{ Name = 'a file of users that is not there'; With = { @{ HtpasswdPath = "$folder/none" } }; Text = '*none: there is no such file*'; Id = 'HtpasswdUnreadable'; Category = 'ObjectNotFound' }
    ) {
        Set-Content "$folder/noise" 'nonsense'
        $key = [System.Security.Cryptography.ECDsa]::Create()
        $key.ImportFromPem((Get-Content "$folder/server.key" -Raw))
        $how = [System.Security.Cryptography.PbeParameters]::new('Aes256Cbc', 'SHA256', 1000)
        Set-Content "$folder/locked.key" $key.ExportEncryptedPkcs8PrivateKeyPem('right', $how)
        $expired = New-Certificate expired $folder -Hours -0.5
        $parameters = & $With
        $failure = Get-Failure { Start-VpnWsServer -Http 127.0.0.1:0 @parameters }
        $failure.FullyQualifiedErrorId | Should -Be "$($Id ?? 'CertificateUnreadable'),VpnWs.PowerShell.StartVpnWsServerCommand"
        $failure.CategoryInfo.Category | Should -Be ($Category ?? 'InvalidData')
        "$failure" | Should -BeLike $Text
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        Get-VpnWsServer | Should -BeNullOrEmpty
    }

    It 'takes a locked key with its password' {
        $key = [System.Security.Cryptography.ECDsa]::Create()
        $key.ImportFromPem((Get-Content "$folder/server.key" -Raw))
        Set-Content "$folder/locked.key" $key.ExportEncryptedPkcs8PrivateKeyPem('right', [System.Security.Cryptography.PbeParameters]::new('Aes256Cbc', 'SHA256', 1000))
        (Start-Server @{ CertificatePath = "$folder/server.crt"; KeyPath = "$folder/locked.key"; CertificatePassword = (ConvertTo-SecureString right -AsPlainText) }).State | Should -Be 'Running'
        [System.IO.File]::WriteAllBytes("$folder/server.p12", $own.Export('Pfx', 'right'))
        (Start-Server @{ CertificatePath = "$folder/server.p12"; CertificatePassword = (ConvertTo-SecureString right -AsPlainText) }).State | Should -Be 'Running'
    }

    It 'takes the suites of -TlsSuite and no others' {
        $ask = {
            param($server)
            $socket = [System.Net.Sockets.TcpClient]::new($server.Uri.Host, $server.Uri.Port)
            $tls = [System.Net.Security.SslStream]::new($socket.GetStream(), $false, { $true })
            try { $tls.AuthenticateAsClient('localhost'); $tls.NegotiatedCipherSuite } finally { $tls.Dispose(); $socket.Dispose() }
        }
        & $ask (Start-Server @{ Certificate = $own; TlsSuite = 'TLS_AES_256_GCM_SHA384' }) | Should -Be 'TLS_AES_256_GCM_SHA384'
        & $ask (Start-Server @{ Certificate = $own; TlsSuite = 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_256_GCM_SHA384' }) | Should -Be 'TLS_CHACHA20_POLY1305_SHA256'
        & $ask (Start-Server @{ Certificate = $own; TlsSuite = 'system' }) | Should -Match '^TLS_'
    }

    It 'asks for a certificate with -ClientCA, and tells whose it is' {
        $server = Start-Server @{ Certificate = $own; ClientCA = "$folder/client.crt" }
        $null = Get-Failure { Connect-VpnWs $server.Uri -Tap (New-VpnWsTap -Loopback) -SkipCertificateCheck }
        $null = Connect-VpnWs $server.Uri -Tap (New-VpnWsTap -Loopback) -SkipCertificateCheck -Certificate $client
        $null = Connect-VpnWs $server.Uri -Tap (New-VpnWsTap -Loopback) -SkipCertificateCheck -CertificatePath "$folder/client.crt" -KeyPath "$folder/client.key"
        Wait-Until { $server.PeerCount -eq 2 }
        (Get-VpnWsPeer).DistinguishedName | Should -Be 'CN=client', 'CN=client'
    }

    It 'asks for one of the users of -Credential' {
        $server = Start-Server @{ Credential = (Get-Secret alice one), (Get-Secret 'work\bob' two) }
        $null = Connect-VpnWs $server.Uri -Tap (New-VpnWsTap -Loopback) -Credential (Get-Secret alice one)
        $null = Connect-VpnWs $server.Uri -Tap (New-VpnWsTap -Loopback) -Credential (Get-Secret 'work\bob' two)
        foreach ($wrong in (Get-Secret alice two), (Get-Secret mallory one), (Get-Secret alice One)) {
            (Get-Failure { Connect-VpnWs $server.Uri -Tap (New-VpnWsTap -Loopback) -Credential $wrong }).FullyQualifiedErrorId | Should -BeLike 'AuthenticationFailed,*'
        }
        (Get-Failure { Connect-VpnWs $server.Uri -Tap (New-VpnWsTap -Loopback) }).FullyQualifiedErrorId | Should -BeLike 'AuthenticationFailed,*'
        Wait-Until { $server.PeerCount -eq 2 }
        (Get-VpnWsPeer).User | Should -Be 'alice', 'work\bob'
    }

    It 'asks for one of the users of -HtpasswdPath' {
        if (-not (Get-Command openssl -ErrorAction SilentlyContinue)) { Set-ItResult -Skipped -Because 'there is no openssl to hash a password'; return }
        "alice:$(openssl passwd -6 one)" | Set-Content "$folder/htpasswd"
        $server = Start-Server @{ HtpasswdPath = "$folder/htpasswd" }
        $null = Connect-VpnWs $server.Uri -Tap (New-VpnWsTap -Loopback) -Credential (Get-Secret alice one)
        (Get-Failure { Connect-VpnWs $server.Uri -Tap (New-VpnWsTap -Loopback) -Credential (Get-Secret alice two) }).FullyQualifiedErrorId | Should -BeLike 'AuthenticationFailed,*'
        Set-Content "$folder/broken" 'nonsense'
        (Get-Failure { Start-Server @{ HtpasswdPath = "$folder/broken" } }).FullyQualifiedErrorId | Should -BeLike 'HtpasswdUnreadable,*'
        (Get-Failure { Start-Server @{ HtpasswdPath = "$folder/htpasswd"; Credential = (Get-Secret a b) } }).FullyQualifiedErrorId | Should -BeLike 'TwoPasswordSources,*'
    }

    It 'reads its files again when they change: what cannot be used is told, and the old one stays' {
        $hash = '$2y$04$TGEnSKFd2mAc68/JZPBqWec32iU24Vye6.CJu5/Y6Mfdr1iLwaRE2'
        Set-Content "$folder/rules.json" '{ "rules": [ { "name": "old" } ] }'
        Set-Content "$folder/users" "alice:$hash"
        Copy-Item "$folder/server.crt" "$folder/now.crt"
        Copy-Item "$folder/server.key" "$folder/now.key"
        $server = Start-Server @{ Rules = "$folder/rules.json"; HtpasswdPath = "$folder/users"; CertificatePath = "$folder/now.crt"; KeyPath = "$folder/now.key"; ClientCA = "$folder/client.crt" }
        $null = Register-ObjectEvent $server StateChanged -SourceIdentifier files
        try {
            $alice, $bob = 'alice', 'bob' | ForEach-Object { @{ Credential = (Get-Secret $_ love-lace); Certificate = $client } }
            $null = Join-Lan $server ($alice + @{ AuthorityPath = "$folder/server.crt" })

            Set-Content "$folder/rules.json" "{ `"rules`": [`n { `"colour`": 1 } ] }"
            Set-Content "$folder/users" "alice:$hash`nbob"
            Copy-Item "$folder/client.key" "$folder/now.key"
            Wait-Until { @(Get-Event -SourceIdentifier files -ErrorAction Ignore).Count -ge 3 } 'three files are refused'
            $refused = (Get-Event -SourceIdentifier files).SourceEventArgs | Sort-Object Message
            $refused.Level | Should -Be 'Warning', 'Warning', 'Warning'
            $refused.Message | ForEach-Object { $_ -replace ', the old one stays:.*' } | Should -Be 'cannot reload the certificate', 'cannot reload the passwords', 'cannot reload the rules'
            $refused.Reason | Should -Be @(
                "the key in $folder/now.key is damaged or does not belong to the certificate in $folder/now.crt"
                "${folder}/users:2: this is not USER:HASH"
                "$folder/rules.json: line 2: there is no setting 'colour'"
            )
            $null = Join-Lan $server ($alice + @{ AuthorityPath = "$folder/server.crt" })
            (Get-VpnWsPeer).Rule | Should -Be 'old', 'old'
            Get-Event -SourceIdentifier files | Remove-Event

            Set-Content "$folder/rules.json" '{ "rules": [ { "name": "new" } ] }'
            Set-Content "$folder/users" "bob:$hash"
            Copy-Item "$folder/client.crt" "$folder/now.crt"
            Wait-Until { @(Get-Event -SourceIdentifier files -ErrorAction Ignore).Count -ge 4 } 'three files are read, and the rules put in force'
            $told = (Get-Event -SourceIdentifier files).SourceEventArgs
            $told.Level | Sort-Object -Unique | Should -Be 'Information'
            $told.Message | Sort-Object | Should -Be 'new rules: 1; they change what 2 connected peers may do', 'reloaded the certificate', 'reloaded the passwords', 'reloaded the rules'
            (Get-VpnWsPeer).Rule | Should -Be 'new', 'new'
            (Get-Failure { Join-Lan $server (@{ AuthorityPath = "$folder/client.crt" } + $alice) }).FullyQualifiedErrorId | Should -BeLike 'AuthenticationFailed,*'
            (Get-Failure { Join-Lan $server (@{ AuthorityPath = "$folder/server.crt" } + $bob) }).FullyQualifiedErrorId | Should -BeLike 'CertificateRejected,*'
            $null = Join-Lan $server (@{ AuthorityPath = "$folder/client.crt" } + $bob)
        }
        finally {
            Unregister-Event files
            Get-Event -SourceIdentifier files -ErrorAction Ignore | Remove-Event
        }
    }

    It 'refuses -<Name> without -Http, where it would be for nothing' -ForEach @(
        @{ Name = 'Certificate'; Value = { $own } }
        @{ Name = 'CertificatePath'; Value = { "$folder/server.crt" } }
        @{ Name = 'ClientCA'; Value = { "$folder/client.crt" } }
        @{ Name = 'TlsSuite'; Value = { 'system' } }
        @{ Name = 'Credential'; Value = { Get-Secret alice one } }
        @{ Name = 'HtpasswdPath'; Value = { "$folder/htpasswd" } }
        @{ Name = 'Path'; Value = { '/vpn' } }
        @{ Name = 'Origin'; Value = { 'https://example.com' } }
        @{ Name = 'TrustedProxy'; Value = { '10.0.0.0/8' } }
    ) {
        $with = @{ $Name = & $Value }
        $failure = Get-Failure { Start-VpnWsServer "$folder/never" @with }
        $failure.FullyQualifiedErrorId | Should -Be 'HttpMissing,VpnWs.PowerShell.StartVpnWsServerCommand'
        $failure.CategoryInfo.Category | Should -Be 'InvalidArgument'
        "$failure" | Should -Be "-$Name is for -Http, which is not given."
        Test-Path "$folder/never" | Should -BeFalse
    }

    It 'serves its control interface over HTTP' {
        $server = Start-Server @{ Control = "$folder/control", '127.0.0.1:0' }
        $server.Control[0] | Should -Be "$folder/control"
        $null = Join-Lan $server @{ NoReconnect = $true }
        (Get-VpnWsPeer -ControlPath "$folder/control").Id | Should -Be 1
        (Get-VpnWsPeer -ControlPath $server.Control[1]).Id | Should -Be 1
        (Get-VpnWsPeer -ControlUri "http://$($server.Control[1])/").Id | Should -Be 1
        Get-VpnWsPeer -ControlPath "$folder/control" | Remove-VpnWsPeer
        Wait-Until { $server.PeerCount -eq 0 }
        (Get-Failure { Remove-VpnWsPeer 99 -ControlPath "$folder/control" }).FullyQualifiedErrorId | Should -BeLike 'PeerNotFound,*'
        (Get-Failure { Get-VpnWsPeer -ControlPath $server.Http[0] }).FullyQualifiedErrorId | Should -BeLike 'Refused,*'
    }

    It 'warns where strangers could come in' {
        $null = Start-VpnWsServer -Http :0 -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -Match 'neither TLS .* nor passwords'
        $null = Start-VpnWsServer -Http :0 -Certificate $own -WarningAction Stop
    }
}

Describe 'Start-VpnWsServer -Exec' {
    AfterEach { Clear-Session }

    It 'runs once, on the thread of the pipeline, with the tap, before anybody is served' {
        $tap = New-VpnWsTap -Loopback
        $here = [System.Environment]::CurrentManagedThreadId
        $block = { param($first) "$_ $first $([System.Environment]::CurrentManagedThreadId -eq $here) $(@(Get-VpnWsServer).Count)" }
        $server = Start-VpnWsServer -Http 127.0.0.1:0 -Tap $tap -Exec $block -InformationVariable said
        "$said" | Should -Be 'loop0 loop0 True 0'
        $server.State | Should -Be 'Running'
    }

    It 'undoes the start where the block fails, and the tap can be used again' {
        $tap = New-VpnWsTap -Loopback
        $failure = Get-Failure { Start-Server @{ Tap = $tap; Exec = { throw 'not like this' } } }
        "$failure" | Should -Be 'not like this'
        Get-VpnWsServer | Should -BeNullOrEmpty
        $tap.UsedBy | Should -BeNullOrEmpty
        (Start-Server @{ Tap = $tap }).State | Should -Be 'Running'
    }

    It 'ends at once when the pipeline is stopped within it, and nothing is left' {
        $folder = Get-Folder
        $run = Start-Runspace '$global:taps = @($global:taps | Where-Object { $_ }) + @(New-VpnWsTap -Loopback); Start-VpnWsServer "$($args[0])/$($taps.Count)" -Tap $taps[-1] -Exec { Write-Host inside; Start-Sleep 60 }' $folder
        Get-StopTime $run | Should -BeLessThan 200
        $run.Shell.Commands.Clear()
        $run.Shell.AddScript('Get-VpnWsServer; while ($taps | Where-Object UsedBy) { [System.Threading.Thread]::Sleep(10) }; $taps.IsClosed').Invoke() | Should -Be (@($false) * 5)
        Wait-Until { -not (Get-ChildItem $folder) } 'the sockets should be gone too'
        Remove-Runspace $run
        Remove-Item $folder -Recurse
    }

    It 'sets up a tap that the server makes, as root' {
        if (-not $script:IsRoot) { Set-ItResult -Skipped -Because 'it needs root'; return }
        $server = Start-Server @{ Tap = 'vpnwst%d'; Exec = { ip address add 192.0.2.1/24 dev $_; ip link set $_ up } }
        ip address show dev $server.Tap | Out-String | Should -Match '192\.0\.2\.1/24'
        Stop-VpnWsServer $server.Name
        Test-Path "/sys/class/net/$($server.Tap)" | Should -BeFalse
        $null = Get-Failure { Start-Server @{ Tap = 'vpnwsterr'; Exec = { throw 'no' } } }
        Test-Path /sys/class/net/vpnwsterr | Should -BeFalse
    }
}
