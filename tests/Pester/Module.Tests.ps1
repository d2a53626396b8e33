BeforeDiscovery {
    if (-not (Get-Module VpnWs)) { Import-Module (Join-Path (Split-Path (Split-Path $PSScriptRoot)) artifacts module VpnWs) }
    $commands = (Get-Command -Module VpnWs).Name | ForEach-Object { @{ Name = $_ } }
}

BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'The module' {
    AfterEach { Clear-Session }

    It 'has a manifest that PowerShell takes' {
        $manifest = Test-ModuleManifest (Join-Path $script:ModulePath VpnWs.psd1)
        $manifest.ExportedCmdlets.Count | Should -Be 15
        $manifest.ExportedFunctions.Count + $manifest.ExportedAliases.Count | Should -Be 0
        $manifest.PrivateData.PSData.LicenseUri, $manifest.PrivateData.PSData.ReleaseNotes | ForEach-Object { $_ | Should -Not -BeNullOrEmpty }
    }

    It 'ends all that it made when it is removed, also under traffic' {
        $run = Start-Runspace @'
            $hub = New-VpnWsTap -Loopback
            $server = Start-VpnWsServer -Http 127.0.0.1:0 -Tap $hub
            $tap = New-VpnWsTap -Loopback
            $connection = Connect-VpnWs $server.Uri -Tap $tap
            1..200 | ForEach-Object { Send-VpnWsFrame $tap.Peer -Payload ([byte[]]::new(1400)) }
            Remove-Module VpnWs
            $server, $connection, $tap, $hub
'@
        $server, $connection, $taps = $run.Shell.EndInvoke($run.Running)
        $server.State | Should -Be 'Stopped'
        $connection.State | Should -Be 'Closed'
        $taps.IsClosed | Should -Be $true, $true
        Remove-Runspace $run
    }

    It 'ends all when its process does, and leaves no socket' {
        $folder = Get-Folder
        pwsh -NoProfile -NonInteractive -Command "Import-Module '$script:ModulePath'; `$null = Start-VpnWsServer '$folder/s'; Test-Path '$folder/s'" | Should -Be 'True'
        Test-Path "$folder/s" | Should -BeFalse
        Remove-Item $folder -Recurse
    }

    It 'has a topic of its own' {
        $text = Get-Help about_VpnWs | Out-String
        $text | Should -Match 'A LAN over WebSockets'
        ($text -split '\r?\n' | Measure-Object Length -Maximum).Maximum | Should -BeLessThan 81
    }

    It 'has help for <Name>: a synopsis, examples, parameters and links' -ForEach $commands {
        $help = Get-Help $Name -Full
        $help.Synopsis.Trim() | Should -Not -BeNullOrEmpty
        @($help.Examples.Example).Count | Should -BeGreaterOrEqual 2
        $help.parameters.parameter | ForEach-Object { $_.description.Text | Should -Not -BeNullOrEmpty }
        # Every parameter that the command has, and no other.
        $common = [System.Management.Automation.PSCmdlet]::CommonParameters
        $declared = (Get-Command $Name).Parameters.Keys | Where-Object { $_ -notin $common } | Sort-Object
        @($help.parameters.parameter.name | Sort-Object) | Should -Be @($declared)
        $help.relatedLinks.navigationLink.linkText | Should -Contain 'about_VpnWs'
    }

    It 'has examples for <Name> that run as they are printed' -ForEach $commands {
        $ran = 0
        $waits = @{ Watch = 'TimeoutSec 10', 'TimeoutSec 0.1' }
        foreach ($example in (Get-Help $Name -Examples).Examples.Example) {
            $code = $example.code -join "`n"
            { [scriptblock]::Create($code) } | Should -Not -Throw
            # What takes rights or a server somewhere says so.
            if (($example.remarks.Text -join ' ') -match '\bTakes?\b') { continue }
            foreach ($wait in $waits.Values) { $code = $code.Replace($wait[0], $wait[1]) }
            & ([scriptblock]::Create($code)) *> $null
            $ran++
            Get-EventSubscriber | Unregister-Event
            Get-Job | Remove-Job -Force
            Clear-Session
        }
        $ran | Should -BeGreaterOrEqual 1
    }
}
