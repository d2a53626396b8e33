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
        $nuspec.license.'#text' | Should -Be 'MIT'
        # None is named before there is one; the predecessor's is not ours.
        "$($nuspec['projectUrl'].InnerText)" | Should -Be "$((Import-PowerShellDataFile "$folder/VpnWs/VpnWs.psd1").PrivateData.PSData['ProjectUri'])"
        foreach ($file in (Import-PowerShellDataFile "$folder/VpnWs/VpnWs.psd1").FileList) { Test-Path "$folder/VpnWs/$file" | Should -BeTrue -Because $file }
    }

    It 'can be imported from where it was unpacked' {
        pwsh -NoProfile -NonInteractive -Command "Import-Module '$folder/VpnWs'; (Get-Command -Module VpnWs).Count" | Should -Be 15
    }

    It 'can be saved from a folder that is a repository, and imported' {
        if (-not (Get-Command Register-PSResourceRepository -ErrorAction SilentlyContinue)) { Set-ItResult -Skipped -Because 'this pwsh has no PSResourceGet'; return }
        $repository = "vpnws-$([guid]::NewGuid().ToString('n').Substring(0, 8))"
        $null = New-Item -ItemType Directory "$folder/repository", "$folder/saved"
        Copy-Item $package "$folder/repository"
        Register-PSResourceRepository $repository -Uri "$folder/repository" -Trusted
        try {
            (Find-PSResource VpnWs -Repository $repository).Version | Should -Be '1.0.0'
            Save-PSResource VpnWs -Repository $repository -Path "$folder/saved"
        }
        finally { Unregister-PSResourceRepository $repository }
        pwsh -NoProfile -NonInteractive -Command "Import-Module '$folder/saved/VpnWs/1.0.0/VpnWs.psd1'; (Get-Command -Module VpnWs).Count" | Should -Be 15
    }
}
