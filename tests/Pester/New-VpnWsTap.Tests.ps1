BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'New-VpnWsTap -Loopback' {
    AfterEach { Clear-Session }

    It 'makes both ends of a link, with one address' {
        $tap = New-VpnWsTap -Loopback -Name office -MacAddress 02-00-00-00-00-01 -Mtu 1400
        "$tap $($tap.Peer)" | Should -Be 'office office-peer'
        $tap.Peer.Peer | Should -Be $tap
        "$($tap.MacAddress) $($tap.Peer.MacAddress)" | Should -Be '02:00:00:00:00:01 02:00:00:00:00:01'
        $tap.Mtu, $tap.Peer.Mtu | Should -Be 1400, 1400
        $tap.Kind | Should -Be 'Loopback'
    }

    It 'names taps by the first free number and gives them addresses of their own' {
        $taps = 1..3 | ForEach-Object { New-VpnWsTap -Loopback }
        $taps.Name | Should -Be 'loop0', 'loop1', 'loop2'
        $taps.MacAddress | Sort-Object -Unique | Should -HaveCount 3
        Remove-VpnWsTap loop1
        (New-VpnWsTap -Loopback).Name | Should -Be 'loop1'
    }

    It 'refuses a name that is taken, also by the other end of a pair' {
        $null = New-VpnWsTap -Loopback -Name a
        foreach ($name in 'A', 'a-peer') {
            $failure = Get-Failure { New-VpnWsTap -Loopback -Name $name }
            $failure.FullyQualifiedErrorId | Should -Be 'NameInUse,VpnWs.PowerShell.NewVpnWsTapCommand'
            $failure.CategoryInfo.Category | Should -Be 'ResourceExists'
        }
    }

    It 'refuses <Value> for -<Parameter>' -ForEach @(
        @{ Parameter = 'Mtu'; Value = 67 }
        @{ Parameter = 'MacAddress'; Value = 'nonsense' }
        @{ Parameter = 'MacAddress'; Value = 'ff:ff:ff:ff:ff:ff' }
        @{ Parameter = 'MacAddress'; Value = '00:00:00:00:00:00' }
    ) {
        $with = @{ $Parameter = $Value }
        { New-VpnWsTap -Loopback @with } | Should -Throw
        Get-VpnWsTap | Should -BeNullOrEmpty
    }

    It 'does nothing with -WhatIf' {
        New-VpnWsTap -Loopback -WhatIf -Exec { throw 'never' } | Should -BeNullOrEmpty
        Get-VpnWsTap | Should -BeNullOrEmpty
    }
}

Describe 'New-VpnWsTap -Exec' {
    AfterEach { Clear-Session }

    It 'runs the block with the tap as $_ and as the first argument, and sees the variables of the script' {
        $outside = 'seen'
        $null = New-VpnWsTap -Loopback -Exec { param($tap) "$($_.Name) $($tap.Name) $outside" } -InformationVariable said
        "$said" | Should -Be 'loop0 loop0 seen'
        $said.Tags | Should -Contain 'Exec'
    }

    It 'keeps the scope of a module and of a closure' {
        $module = New-Module { $secret = 'of the module'; function Get-Block { { "$secret $($_.Name)" } } }
        $null = New-VpnWsTap -Loopback -Exec (& $module { Get-Block }) -InformationVariable said
        $closure = & { $inner = 'enclosed'; { $inner }.GetNewClosure() }
        $null = New-VpnWsTap -Loopback -Exec $closure -InformationVariable +said
        "$said" | Should -Be 'of the module loop0 enclosed'
    }

    It 'gives its output to the information stream and only the tap to the pipeline' {
        $all = New-VpnWsTap -Loopback -Exec { 1; 2; Write-Host 3 } 6>&1
        @($all).Where({ $_ -is [System.Management.Automation.InformationRecord] }).ForEach({ "$_" }) | Should -Be '3', '1', '2'
        @($all).Where({ $_ -is [VpnWs.PowerShell.LanTap] }) | Should -HaveCount 1
    }

    It 'undoes the tap and ends with the error of a block that <Name>' -ForEach @(
        @{ Name = 'throws'; Block = { throw 'so it is' }; Text = 'so it is' }
        @{ Name = 'writes an error'; Block = { Write-Error 'that too' }; Text = 'that too' }
        @{ Name = 'calls a cmdlet that fails'; Block = { Get-Item /nonexistent }; Text = '*nonexistent*' }
        @{ Name = 'runs a program that fails'; Block = { & pwsh -NoProfile -Command 'exit 3' }; Text = '*exit code: 3*' }
    ) {
        $failure = Get-Failure { New-VpnWsTap -Loopback -Exec $Block }
        $failure.Exception.Message | Should -BeLike $Text
        $failure.FullyQualifiedErrorId | Should -BeLike '*VpnWs.PowerShell.NewVpnWsTapCommand'
        Get-VpnWsTap | Should -BeNullOrEmpty
    }

    It 'ends at once when the pipeline is stopped, and leaves no tap' {
        $run = Start-Runspace 'New-VpnWsTap -Loopback -Exec { Write-Host inside; Start-Sleep 60 }'
        Wait-Until { $run.Shell.Streams.Information.Count -gt 0 }
        Stop-Pipeline $run | Should -BeLessThan 200
        $run.Shell.Commands.Clear()
        $run.Shell.AddScript('Get-VpnWsTap').Invoke() | Should -BeNullOrEmpty
        Remove-Runspace $run
    }
}

Describe 'New-VpnWsTap with a name that no interface can have' {
    It 'says what is wrong with <_>, with or without rights' -ForEach 'averyveryverylongname', 'a/b', 'vpn%d%d' {
        if (-not $IsLinux) { Set-ItResult -Skipped -Because 'it needs Linux'; return }
        $failure = Get-Failure { New-VpnWsTap $_ }
        $failure.FullyQualifiedErrorId | Should -Be 'TapNameInvalid,VpnWs.PowerShell.NewVpnWsTapCommand'
        $failure.CategoryInfo.Category | Should -Be 'InvalidArgument'
        "$failure" | Should -Match ([regex]::Escape($_))
    }
}

Describe 'New-VpnWsTap of the kernel' {
    AfterEach { Clear-Session }

    BeforeEach { if (-not $script:IsRoot) { Set-ItResult -Skipped -Because 'it needs root' } }

    It 'makes an interface with addresses, MTU and MAC address' {
        $tap = New-VpnWsTap -Name vpnwst%d -Mtu 1300 -MacAddress 02:00:00:00:00:99 -IPAddress 192.0.2.1/24, 2001:db8::1/64
        $tap.Name | Should -Match '^vpnwst\d+$'
        $shown = ip address show dev $tap | Out-String
        $shown | Should -Match 'mtu 1300'
        $shown | Should -Match '02:00:00:00:00:99'
        $shown | Should -Match '192\.0\.2\.1/24'
        $shown | Should -Match '2001:db8::1/64'
        "$($tap.IPAddress)" | Should -Be '192.0.2.1/24 2001:db8::1/64'
        Remove-VpnWsTap $tap.Name
        Test-Path "/sys/class/net/$tap" | Should -BeFalse
    }

    It 'puts it into a bridge' {
        ip link add vpnwstbr type bridge
        try {
            $tap = New-VpnWsTap -Name vpnwst%d -Bridge vpnwstbr
            ip -o link show master vpnwstbr | Out-String | Should -Match $tap.Name
        }
        finally { ip link del vpnwstbr }
    }

    It 'has no interface left where -Exec fails' {
        $null = Get-Failure { New-VpnWsTap -Name vpnwsterr -Exec { ip link set $_ up; ip link set $_ mtu 99999999 } }
        Test-Path /sys/class/net/vpnwsterr | Should -BeFalse
    }

    It 'leaves a persistent one to others, and deletes it when it is removed' {
        $tap = New-VpnWsTap -Name vpnwstper -Persistent -Owner nobody
        $tap.IsPersistent | Should -BeTrue
        cat /sys/class/net/vpnwstper/owner | Should -Be (id -u nobody)
        $other = Start-Runspace 'Start-VpnWsServer -Http 127.0.0.1:0 -Tap vpnwstper; Get-VpnWsServer | Stop-VpnWsServer'
        $other.Shell.EndInvoke($other.Running).Name | Should -Be 'server0'
        Remove-Runspace $other
        $server = Start-Server @{ Tap = $tap }
        $server.Tap | Should -Be $tap
        Stop-VpnWsServer $server.Name
        Test-Path /sys/class/net/vpnwstper | Should -BeTrue
        Remove-VpnWsTap vpnwstper
        Test-Path /sys/class/net/vpnwstper | Should -BeFalse
    }

    It 'leaves a persistent one that was there before where -Exec fails, and deletes its own' {
        ip tuntap add dev vpnwstold mode tap
        try {
            $null = Get-Failure { New-VpnWsTap -Name vpnwstold -Persistent -Exec { throw 'no' } }
            Test-Path /sys/class/net/vpnwstold | Should -BeTrue
            Get-VpnWsTap | Should -BeNullOrEmpty
            # Nothing holds it any more.
            ip tuntap del dev vpnwstold mode tap
            Test-Path /sys/class/net/vpnwstold | Should -BeFalse
        }
        finally { if (Test-Path /sys/class/net/vpnwstold) { ip tuntap del dev vpnwstold mode tap } }
        $null = Get-Failure { New-VpnWsTap -Name vpnwstnew -Persistent -Exec { throw 'no' } }
        Test-Path /sys/class/net/vpnwstnew | Should -BeFalse
    }

    It 'says what is wrong where the bridge is not there' {
        $failure = Get-Failure { New-VpnWsTap -Name vpnwsterr -Bridge nosuchbridge }
        $failure.FullyQualifiedErrorId | Should -BeLike 'TapFailed,*'
        "$failure" | Should -Match 'nosuchbridge'
        Test-Path /sys/class/net/vpnwsterr | Should -BeFalse
    }
}

Describe 'New-VpnWsTap without rights' {
    AfterEach { Clear-Session }

    It 'says that they are missing, and what needs none' {
        if ($script:IsRoot) { Set-ItResult -Skipped -Because 'it needs an ordinary user'; return }
        $failure = Get-Failure { New-VpnWsTap -Name vpnwst0 }
        $failure.CategoryInfo.Category | Should -BeIn 'PermissionDenied', 'ResourceUnavailable', 'NotImplemented'
        $failure.ErrorDetails.RecommendedAction | Should -Match '-Loopback'
    }
}
