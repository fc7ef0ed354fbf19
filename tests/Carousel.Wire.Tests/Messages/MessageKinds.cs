using System.Reflection;

namespace Carousel.Wire.Tests.Messages;

/// <summary>Every message that the wire project has, found by reflection, so that a new one can't be forgotten.</summary>
internal static class MessageKinds
{
    /// <summary>No version of theirs is flexible.</summary>
    private const short Never = short.MaxValue;

    public static IReadOnlyList<MessageKind> Requests { get; } = [.. RequestTypes().Select(type => Make(type, type.Name, ApiOf(type)))];

    public static IReadOnlyList<MessageKind> Responses { get; } = [.. RequestTypes().Select(type => Make(ResponseOf(type), ResponseOf(type).Name, ApiOf(type)))];

    /// <summary>What the coordinators' topics hold; Kafka's names.</summary>
    public static IReadOnlyList<MessageKind> StateRecords { get; } =
    [
        new MessageKind<OffsetCommitKey>(nameof(OffsetCommitKey), 0, 0, Never),
        new MessageKind<OffsetCommitValue>(nameof(OffsetCommitValue), 0, 4, 4),
        new MessageKind<GroupMetadataKey>(nameof(GroupMetadataKey), 0, 0, Never),
        new MessageKind<GroupMetadataValue>(nameof(GroupMetadataValue), 0, 4, 4),
        new MessageKind<TransactionLogKey>(nameof(TransactionLogKey), 0, 0, Never),
        new MessageKind<TransactionLogValue>(nameof(TransactionLogValue), 0, 1, 1),
    ];

    public static IReadOnlyList<MessageKind> All { get; } = [.. Requests, .. Responses, .. StateRecords];

    public static Api ApiOf(string request) => ApiOf(RequestTypes().Single(type => type.Name == request));

    private static IEnumerable<Type> RequestTypes() =>
        typeof(IRequest).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(IRequest)) && type.IsClass).OrderBy(type => type.Name, StringComparer.Ordinal);

    private static Type ResponseOf(Type request) => request.Assembly.GetType(request.FullName![..^"Request".Length] + "Response", throwOnError: true)!;

    private static Api ApiOf(Type request) => (Api)request.GetProperty(nameof(IRequest.Api), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;

    private static MessageKind Make(Type type, string name, Api api) =>
        (MessageKind)Activator.CreateInstance(typeof(MessageKind<>).MakeGenericType(type), name, api.VersionMin, api.VersionMax, api.FlexibleFrom)!;
}
