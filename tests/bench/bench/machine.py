"""What was measured on: cores, kernel, versions."""

import os
import platform
import re
import shutil
import subprocess

_VERSIONS = {
    "iperf3": ["iperf3", "--version"],
    "nginx": ["nginx", "-v"],
    "OpenVPN": ["openvpn", "--version"],
    "SoftEther": ["dpkg-query", "--showformat=${Version}", "--show", "softether-vpnserver"],
}


def describe(repository):
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "kernel": platform.release(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "versions": {name: version for name, command in _versions(repository).items() if (version := _version(command))},
    }


def _versions(repository):
    return {"VpnWs": ["git", "-C", repository, "describe", "--always", "--dirty"], ".NET SDK": ["dotnet", "--version"], **_VERSIONS}


def _version(command):
    if not shutil.which(command[0]):
        return None
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd="/")
    words = (done.stdout + done.stderr).splitlines()
    found = re.search(r"\d+(\.\d+)+\S*", words[0]) if words else None
    if command[0] == "git":
        return words[0] if done.returncode == 0 and words else None
    return found.group() if found else None


def _processor():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        return next((line.partition(":")[2].strip() for line in info if line.startswith("model name")), platform.machine())
