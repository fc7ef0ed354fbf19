# Sourced by the scripts at the root, which set $root first: the .NET SDK, and the command built from this checkout.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
carousel_dll=$root/artifacts/bin/Carousel.Cli/release/carousel.dll

say() { printf '%s\n' "$*" >&2; }

# The SDK isn't installed behind anybody's back: which one, and where from, is the machine owner's to say.
require_dotnet() {
  if ! command -v dotnet >/dev/null || ! dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
    say "Carousel needs the .NET SDK 10, which isn't on the PATH."
    say "Get it at https://dotnet.microsoft.com/download/dotnet/10.0, or: apt-get install dotnet-sdk-10.0, brew install dotnet-sdk, winget install Microsoft.DotNet.SDK.10"
    exit 1
  fi
}

# Builds only when a source is newer than what was built.
build_carousel() {
  if [ -e "$carousel_dll" ] && [ -z "$(find "$root/src" "$root/schemas" "$root"/*.props "$root/.editorconfig" -newer "$carousel_dll" -type f -print -quit)" ]; then return; fi
  say "Building Carousel (the first time this fetches packages) ..."
  build_project "$root/src/Carousel.Cli"
  touch "$carousel_dll"
}

# A build's output is shown only when it fails.
build_project() {
  local log; log=$(mktemp)
  if ! dotnet build "$1" -c Release -v quiet >"$log" 2>&1; then cat "$log" >&2; rm -f "$log"; say "The build failed; see above."; exit 1; fi
  rm -f "$log"
}
