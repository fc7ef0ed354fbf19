namespace Carousel.PaymentSimulator.Faults;

/// <summary>The faults in force. Requests read it without a lock; PUT /faults replaces whole settings under one.</summary>
internal sealed class FaultState(FaultSettings settings, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile FaultSettings _settings = settings;
    private volatile Outage? _outage;
    private long _requests;

    /// <summary>Called with an outage of mode refuse before PUT /faults is answered, to close the port.</summary>
    public Func<Outage, Task>? OnRefuse { get; set; }

    public FaultSettings Settings => _settings;

    public Outage? CurrentOutage => _outage is { } outage && !outage.Over.IsCancellationRequested ? outage : null;

    public RequestFate Draw()
    {
        var settings = _settings;
        var draws = new FaultDraws(settings.Seed, Interlocked.Increment(ref _requests));
        var latency = draws.Latency(settings.Latency);
        var door = CurrentOutage?.Mode switch
        {
            OutageMode.Unavailable => DoorFault.Unavailable,
            OutageMode.Hang => DoorFault.Hang,
            OutageMode.Refuse => DoorFault.Reset,
            _ => Door(ref draws, settings),
        };
        return new RequestFate(door, Answer(ref draws, settings), latency);
    }

    public bool IsDeclined(UInt128 reference)
    {
        var settings = _settings;
        return FaultDraws.IsDeclined(settings.Seed, reference, settings.DeclineRate);
    }

    /// <summary>Changes the settings as one step. The change may refuse by returning errors; then nothing is changed.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ChangeAsync(
        Func<FaultSettings, FaultSettings> change, (OutageMode Mode, TimeSpan Duration)? outage, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var changed = change(_settings);
            var errors = changed.Validate();
            if (errors.Count == 0)
            {
                _settings = changed;
                await ChangeOutageAsync(outage);
            }

            return errors;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _outage?.Dispose();
        _gate.Dispose();
    }

    private async Task ChangeOutageAsync((OutageMode Mode, TimeSpan Duration)? ordered)
    {
        if (ordered is not { } order)
        {
            return;
        }

        if (_outage is { } former)
        {
            await former.EndAsync();
        }

        _outage = order.Mode == OutageMode.None ? null : new Outage(order.Mode, order.Duration, time);
        if (_outage is { Mode: OutageMode.Refuse } refusal && OnRefuse is { } refuse)
        {
            await refuse(refusal);
        }
    }

    private static DoorFault Door(ref FaultDraws draws, FaultSettings settings) =>
        draws.Happens(settings.RateLimitRate) ? DoorFault.RateLimited
        : draws.Happens(settings.UnavailableRate) ? DoorFault.Unavailable
        : draws.Happens(settings.ResetBeforeRate) ? DoorFault.Reset
        : draws.Happens(settings.ErrorBeforeChargeRate) ? DoorFault.Error
        : DoorFault.None;

    private static AnswerFault Answer(ref FaultDraws draws, FaultSettings settings) =>
        draws.Happens(settings.TimeoutAfterChargeRate) ? AnswerFault.Timeout
        : draws.Happens(settings.ErrorAfterChargeRate) ? AnswerFault.Error
        : draws.Happens(settings.ResetAfterRate) ? AnswerFault.Reset
        : AnswerFault.None;
}
