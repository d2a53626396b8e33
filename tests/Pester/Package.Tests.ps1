BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'build.ps1 -Task Module' {
    BeforeAll {
        $folder = Get-Folder
        $package = Join-Path $script:Root artifacts package VpnWs.1.0.0.nupkg
        $mark = Join-Path $script:Root artifacts "$([guid]::NewGuid())"
        $canBuild = try { Remove-Item (New-Item $mark); $true } catch { $false }
        if (-not $canBuild) { return }
        $said = pwsh -NoProfile -NonInteractive -File (Join-Path $script:Root build.ps1) -Task Module | Out-String
    }
    BeforeEach { if (-not $canBuild) { Set-ItResult -Skipped -Because 'this user may not write into the repository' } }
    AfterAll { Remove-Item $folder -Recurse -Force }

    It 'makes a package that holds the module and says what galleries ask for' {
        Test-Path $package | Should -BeTrue -Because $said
        [System.IO.Compression.ZipFile]::ExtractToDirectory($package, "$folder/VpnWs")
        $nuspec = ([xml] (Get-Content "$folder/VpnWs/VpnWs.nuspec" -Raw)).package.metadata
        "$($nuspec.id) $($nuspec.version)" | Should -Be 'VpnWs 1.0.0'
        $nuspec.tags -split ' ' | Should -Contain 'PSModule'
        $nuspec.tags -split ' ' | Should -Contain 'PSCmdlet_Connect-VpnWs'
        foreach ($file in (Import-PowerShellDataFile "$folder/VpnWs/VpnWs.psd1").FileList) { Test-Path "$folder/VpnWs/$file" | Should -BeTrue -Because $file }
    }

    It 'can be imported from where it was unpacked' {
        pwsh -NoProfile -NonInteractive -Command "Import-Module '$folder/VpnWs'; (Get-Command -Module VpnWs).Count" | Should -Be 14
    }

    It 'can be installed from a folder' {
        if (-not (Get-Command Register-PSResourceRepository -ErrorAction SilentlyContinue)) { Set-ItResult -Skipped -Because 'this pwsh has no PSResourceGet'; return }
        Register-PSResourceRepository vpnws-test -Uri (Split-Path $package) -Trusted
        try { (Find-PSResource VpnWs -Repository vpnws-test).Version | Should -Be '1.0.0' } finally { Unregister-PSResourceRepository vpnws-test }
    }
}
