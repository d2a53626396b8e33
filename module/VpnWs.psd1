@{
    RootModule           = 'VpnWs.PowerShell.dll'
    ModuleVersion        = '1.0.0'
    GUID                 = '5f0c8a1e-7d43-4b0e-9a55-3c1b6f2d9e70'
    Author               = 'The VpnWs authors'
    CompanyName          = 'The VpnWs authors'
    Copyright            = 'Copyright (c) 2026 the VpnWs authors'
    Description          = 'A layer-2 Ethernet switch over WebSockets: servers, peers, taps and connections from scripts.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('VpnWs.Format.ps1xml')
    TypesToProcess       = @('VpnWs.Types.ps1xml')
    CmdletsToExport      = @(
        'Connect-VpnWs'
        'Disconnect-VpnWs'
        'Get-VpnWsConnection'
        'Get-VpnWsPeer'
        'Get-VpnWsServer'
        'Get-VpnWsTap'
        'New-VpnWsTap'
        'Receive-VpnWsFrame'
        'Remove-VpnWsPeer'
        'Remove-VpnWsTap'
        'Send-VpnWsFrame'
        'Set-VpnWsPeer'
        'Start-VpnWsServer'
        'Stop-VpnWsServer'
        'Watch-VpnWsPeer'
    )
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    FileList             = @(
        'VpnWs.psd1'
        'VpnWs.PowerShell.dll'
        'VpnWs.Engine.dll'
        'VpnWs.Format.ps1xml'
        'VpnWs.Types.ps1xml'
        'en-US/about_VpnWs.help.txt'
        'en-US/VpnWs.PowerShell.dll-Help.xml'
    )
    PrivateData          = @{
        PSData = @{
            Tags         = @('VPN', 'WebSocket', 'Ethernet', 'TAP', 'Switch', 'Bridge', 'Network', 'Linux', 'PSEdition_Core')
            LicenseUri   = 'https://opensource.org/license/mit'
            ReleaseNotes = 'First release: servers, connections, peers, taps and frames as objects.'
        }
    }
}
