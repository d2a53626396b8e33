BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'Get-VpnWsConnection' {
    AfterEach { Clear-Session }

    It 'gives the connections of the session, by name, pattern and pipeline' {
        $server = Start-Server
        'a1', 'a2', 'b1' | ForEach-Object { Join-Lan $server @{ Name = $_ } } | Out-Null
        (Get-VpnWsConnection).Name | Should -Be 'a1', 'a2', 'b1'
        (Get-VpnWsConnection a*).Name | Should -Be 'a1', 'a2'
        ('b1' | Get-VpnWsConnection).Name | Should -Be 'b1'
    }

    It 'has an error for a name that is not there' {
        $failure = Get-Failure { Get-VpnWsConnection nix }
        $failure.FullyQualifiedErrorId | Should -Be 'ConnectionNotFound,VpnWs.PowerShell.GetVpnWsConnectionCommand'
        $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'shows a table that fits, with units' {
        $server = Start-Server
        $tap = Join-Lan $server
        Send-VpnWsFrame $tap.Peer -Payload ([byte[]]::new(1400))
        Wait-Until { (Get-VpnWsConnection).FramesSent -eq 1 }
        $lines = (Get-VpnWsConnection | Out-String -Width 100).Trim() -split '\r?\n'
        $lines[0] | Should -Match '^Name +State +Tap +Up +Received +Sent +Uri$'
        $lines[2] | Should -Match '1\.38 KiB'
        $lines | ForEach-Object Length | Should -Not -BeGreaterThan 100
        Get-VpnWsConnection | Format-List | Out-String | Should -Match '1\.38 KiB, 1 frame\b'
    }

    It 'completes names' {
        $server = Start-Server
        $null = Join-Lan $server @{ Name = 'home' }
        foreach ($line in 'Get-VpnWsConnection h', 'Disconnect-VpnWs h') {
            ([System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)).CompletionMatches.CompletionText | Should -Be 'home'
        }
    }
}
