namespace Carousel.Stages.Engine;

/// <summary>Runs the handler on slots, in order per key, and finishes them. Intake dispatches; <see cref="RunAsync"/> ends when nothing runs any more.</summary>
internal interface IDispatcher
{
    /// <summary>Called by intake, in offset order per partition.</summary>
    void Dispatch(RecordSlot slot);

    /// <summary>Runs until <see cref="Complete"/> was called and every handler has returned. Throws what a handler threw as soon as it does.</summary>
    Task RunAsync();

    /// <summary>Done when, after <see cref="Complete"/>, no handler runs any more, whether or not one threw.</summary>
    Task Idle { get; }

    /// <summary>Nothing will be dispatched after this.</summary>
    void Complete();
}
