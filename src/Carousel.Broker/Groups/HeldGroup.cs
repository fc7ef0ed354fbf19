namespace Carousel.Broker.Groups;

/// <summary>A group and its lock, which is let go on disposal. Never dead. Null where there is no such group.</summary>
internal ref struct HeldGroup(Group? group, Lock.Scope scope)
{
    private Lock.Scope _scope = scope;

    public readonly Group? Group => group;

    public void Dispose()
    {
        if (group is not null)
        {
            _scope.Dispose();
        }
    }
}
