using Carousel.Wire;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Groups;

internal sealed partial class Rebalance
{
    [LoggerMessage(EventId = 7301, Level = LogLevel.Information, Message = "Group {Group} rebalances after generation {Generation} with {Members} members: {Reason}")]
    private partial void Preparing(string group, int generation, int members, string reason);

    [LoggerMessage(EventId = 7302, Level = LogLevel.Information, Message = "Group {Group} has generation {Generation} with {Members} members, by protocol {Protocol}")]
    private partial void Generation(string group, int generation, int members, string protocol);

    [LoggerMessage(EventId = 7303, Level = LogLevel.Information, Message = "Member {Member} didn't join group {Group} again in time and is out of it")]
    private partial void Missing(string group, string member);

    [LoggerMessage(EventId = 7304, Level = LogLevel.Information, Message = "Group {Group} is empty since generation {Generation}")]
    private partial void Emptied(string group, int generation);

    [LoggerMessage(EventId = 7305, Level = LogLevel.Warning, Message = "That group {Group} is empty could not be written: {Error}")]
    private partial void NotRecorded(string group, ErrorCode error);
}
