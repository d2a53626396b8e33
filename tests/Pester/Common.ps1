# What the Pester tests share. Dot-source it in BeforeAll; every test leaves the session empty with Clear-Session.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$script:Root = Split-Path (Split-Path $PSScriptRoot)
$script:ModulePath = Join-Path $script:Root artifacts module VpnWs
if (-not (Get-Module VpnWs)) { Import-Module $script:ModulePath }

$script:IsRoot = $IsLinux -and (id -u) -eq 0

function Clear-Session {
    Get-VpnWsConnection | Disconnect-VpnWs
    Get-VpnWsServer | Stop-VpnWsServer
    Get-VpnWsTap | Remove-VpnWsTap
}

function Start-Server([hashtable] $With = @{}) {
    Start-VpnWsServer -Http 127.0.0.1:0 @With
}

# A station on the LAN of a server: its tap, whose Peer the test holds.
function Join-Lan($Server, [hashtable] $With = @{}) {
    $before = $Server.PeerCount
    $tap = New-VpnWsTap -Loopback
    $null = Connect-VpnWs $Server.Uri -Tap $tap @With
    Wait-Until { $Server.PeerCount -gt $before }
    $tap
}

# Waits until something holds; the bound is only reached when it never will.
function Wait-Until([scriptblock] $Condition, [string] $Because = 'it should have come about') {
    $limit = [datetime]::UtcNow.AddSeconds(15)
    while (-not (& $Condition)) {
        if ([datetime]::UtcNow -gt $limit) { throw "Waited too long: $Because ($Condition)" }
        [System.Threading.Thread]::Sleep(20)
    }
}

function Get-Folder { (New-Item -ItemType Directory (Join-Path ([System.IO.Path]::GetTempPath()) "vpnws-$([guid]::NewGuid().ToString('n').Substring(0, 8))")).FullName }

# What the tab key offers at the end of a line.
function Get-Completion([string] $Line) { [System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches.CompletionText }

# Takes what a script block throws or writes as an error; fails where there is none.
function Get-Failure([scriptblock] $Script) {
    try { $null = & $Script } catch { return $_ }
    throw "There was no error: $Script"
}

# Runs a script in a runspace of its own, which has the module.
function Start-Runspace([string] $Script, [object[]] $Arguments = @()) {
    $shell = [powershell]::Create()
    $null = $shell.AddScript('$ProgressPreference = "SilentlyContinue"; Import-Module $args[0]').AddArgument($script:ModulePath).Invoke()
    $shell.Commands.Clear()
    $null = $shell.AddScript($Script)
    foreach ($argument in $Arguments) { $null = $shell.AddArgument($argument) }
    [pscustomobject]@{ Shell = $shell; Running = $shell.BeginInvoke() }
}

# Stops a pipeline and says how many milliseconds it took to end.
function Stop-Pipeline($Run) {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $Run.Shell.Stop()
    $watch.ElapsedMilliseconds
}

function Remove-Runspace($Run) {
    $Run.Shell.Runspace.Dispose()
    $Run.Shell.Dispose()
}

# One end of a TCP port that takes connections and never says a word.
function Start-SilentListener {
    $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $listener
}

# A peer that joins over uwsgi as a web server would send it, so that it has a user; the caller disposes the socket.
function Join-OverUwsgi([string] $Path, [string] $User, [string] $Mac) {
    $variables = [ordered]@{
        REQUEST_METHOD            = 'GET'
        HTTP_SEC_WEBSOCKET_KEY    = 'dGhlIHNhbXBsZSBub25jZQ=='
        HTTP_SEC_WEBSOCKET_VERSION = '13'
        HTTP_UPGRADE              = 'websocket'
        HTTP_CONNECTION           = 'Upgrade'
        HTTP_X_VPN_WS_MAC         = $Mac
        REMOTE_ADDR               = '192.0.2.1'
        REMOTE_USER               = $User
    }
    $body = foreach ($pair in $variables.GetEnumerator()) {
        foreach ($text in $pair.Key, $pair.Value) {
            $bytes = [System.Text.Encoding]::ASCII.GetBytes($text)
            [System.BitConverter]::GetBytes([uint16] $bytes.Length)
            $bytes
        }
    }
    $socket = [System.Net.Sockets.Socket]::new('Unix', 'Stream', 'Unspecified')
    $socket.Connect([System.Net.Sockets.UnixDomainSocketEndPoint]::new($Path))
    $null = $socket.Send([byte[]] (@([byte] 0) + [System.BitConverter]::GetBytes([uint16] $body.Count) + @([byte] 0) + $body))
    $answer = [byte[]]::new(1024)
    $length = $socket.Receive($answer)
    if (-not [System.Text.Encoding]::ASCII.GetString($answer, 0, $length).StartsWith('HTTP/1.1 101')) { throw 'The server did not let the peer in.' }
    $socket
}

# A server of another process at a socket; nothing where its program is not there.
function Start-Program([string] $File, [string] $Socket) {
    if (-not (Test-Path $File)) { return }
    $start = [System.Diagnostics.ProcessStartInfo]::new($File, [string[]] $Socket)
    $start.RedirectStandardError = $start.RedirectStandardOutput = $true
    $process = [System.Diagnostics.Process]::Start($start)
    Wait-Until { Test-Path $Socket } "$File should listen"
    $process
}

# A web server that asks for a password and passes requests on to the control interface behind a uwsgi socket.
function Start-AdminSite([string] $Socket) {
    $probe = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
    $probe.Start()
    $port = $probe.LocalEndpoint.Port
    $probe.Stop()
    $listener = [System.Net.HttpListener]::new()
    $listener.Prefixes.Add("http://127.0.0.1:$port/")
    $listener.AuthenticationSchemes = 'Basic'
    $listener.Start()
    $shell = [powershell]::Create().AddScript({
            param($listener, $socket)
            while ($listener.IsListening) {
                $context = $listener.GetContext()
                $identity = $context.User.Identity
                if ($identity.Name -ne 'admin' -or $identity.Password -ne 'secret') {
                    $context.Response.StatusCode = 401
                }
                elseif ($context.Request.Url.AbsolutePath -ne '/vpn_admin') {
                    $context.Response.StatusCode = 404
                }
                else {
                    $query = $context.Request.Url.Query.TrimStart('?')
                    $body = foreach ($text in 'REQUEST_METHOD', 'GET', 'QUERY_STRING', $query) {
                        [System.BitConverter]::GetBytes([uint16] $text.Length)
                        [System.Text.Encoding]::ASCII.GetBytes($text)
                    }
                    $way = [System.Net.Sockets.Socket]::new('Unix', 'Stream', 'Unspecified')
                    $way.Connect([System.Net.Sockets.UnixDomainSocketEndPoint]::new($socket))
                    $null = $way.Send([byte[]] (@([byte] 1) + [System.BitConverter]::GetBytes([uint16] $body.Count) + @([byte] 0) + $body))
                    $answer = [System.IO.StreamReader]::new([System.Net.Sockets.NetworkStream]::new($way, $true)).ReadToEnd()
                    $head, $json = $answer -split "`r`n`r`n", 2
                    $context.Response.StatusCode = [int] ($head -split ' ')[1]
                    $context.Response.OutputStream.Write([System.Text.Encoding]::UTF8.GetBytes($json))
                }
                $context.Response.Close()
            }
        }).AddArgument($listener).AddArgument($Socket)
    $null = $shell.BeginInvoke()
    [pscustomobject]@{ Uri = [uri] "http://127.0.0.1:$port/vpn_admin"; Listener = $listener; Shell = $shell }
}

function Stop-AdminSite($Site) {
    $Site.Listener.Abort()
    $Site.Shell.Dispose()
}

# A certificate with its key that signs itself, for this machine; also as PEM files.
function New-Certificate([string] $Name, [string] $Folder, [double] $Hours = 1) {
    $key = [System.Security.Cryptography.ECDsa]::Create([System.Security.Cryptography.ECCurve+NamedCurves]::nistP256)
    $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new("CN=$Name", $key, 'SHA256')
    $names = [System.Security.Cryptography.X509Certificates.SubjectAlternativeNameBuilder]::new()
    $names.AddIpAddress([System.Net.IPAddress]::Loopback)
    $request.CertificateExtensions.Add($names.Build($false))
    $certificate = $request.CreateSelfSigned([datetimeoffset]::Now.AddHours(-1), [datetimeoffset]::Now.AddHours($Hours))
    Set-Content "$Folder/$Name.crt" $certificate.ExportCertificatePem()
    Set-Content "$Folder/$Name.key" $key.ExportPkcs8PrivateKeyPem()
    $certificate
}

function Get-Secret([string] $User, [string] $Password) { [pscredential]::new($User, (ConvertTo-SecureString $Password -AsPlainText -Force)) }
