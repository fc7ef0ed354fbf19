using Carousel.Broker.Groups;
using Carousel.Broker.StateTopics;
using Carousel.Broker.Transactions;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>TxnOffsetCommit: offsets that count once the transaction is committed. From version 5 on it also adds the group to the transaction (KIP-890).</summary>
internal sealed class TxnOffsetCommitHandler(GroupCoordinator groups, ITopicDirectory topics) : ApiHandler<TxnOffsetCommitRequest, TxnOffsetCommitResponse>
{
    private const short EnlistsFrom = 5;

    protected override async ValueTask<TxnOffsetCommitResponse?> HandleAsync(TxnOffsetCommitRequest request, RequestContext context)
    {
        List<OffsetToCommit> offsets = [];
        List<(TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition Answer, int Index)> open = [];
        TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic[] answers =
        [
            .. request.Topics.Select(topic => new TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(partition => Sort(topic.Name, partition, offsets, open))],
            }),
        ];
        if (offsets.Count > 0)
        {
            IReadOnlyList<ErrorCode> errors = await groups.CommitAsync(new TransactionalOffsetCommit(
                request.TransactionalId,
                new ProducerStamp(request.ProducerId, request.ProducerEpoch),
                new GroupCaller(request.GroupId, request.MemberId, request.GroupInstanceId, request.GenerationId),
                offsets,
                Enlists: context.ApiVersion >= EnlistsFrom));
            open.ForEach(partition => partition.Answer.ErrorCode = TransactionErrors.ForTxnOffsetCommit(errors[partition.Index], context.ApiVersion));
        }

        return new TxnOffsetCommitResponse { Topics = answers };
    }

    /// <summary>Answers for what can't be committed, and keeps what can: with the answer that is still open.</summary>
    private TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition Sort(
        string topic,
        TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition partition,
        List<OffsetToCommit> offsets,
        List<(TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition Answer, int Index)> open)
    {
        var answer = new TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition { PartitionIndex = partition.PartitionIndex };
        if (topics.Find(topic)?.HasPartition(partition.PartitionIndex) ?? false)
        {
            open.Add((answer, offsets.Count));
            offsets.Add(new(
                new TopicPartition(topic, partition.PartitionIndex),
                TopicId: default,
                partition.CommittedOffset,
                partition.CommittedLeaderEpoch,
                partition.CommittedMetadata ?? ""));
        }
        else
        {
            answer.ErrorCode = ErrorCode.UnknownTopicOrPartition;
        }

        return answer;
    }
}
