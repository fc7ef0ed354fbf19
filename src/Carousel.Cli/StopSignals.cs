using System.Runtime.InteropServices;

namespace Carousel.Cli;

/// <summary>
/// Ctrl-C and SIGTERM ask the command to end well; asked a second time, the process ends at once. A service that lives with its parent leaves Ctrl-C to it:
/// a terminal sends it to both.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals(bool followsParent) => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, followsParent ? context => context.Cancel = true : Stop),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
    ];

    public CancellationToken Token => _stopping.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _stopping.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = !_stopping.IsCancellationRequested;
        _stopping.Cancel();
    }
}
