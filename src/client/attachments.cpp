// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/attachments.h"

#include <utility>

namespace cercle::client {
namespace {

using envelope::Attachment;

}  // namespace

Result<std::optional<Attachment>> Attachments::find(protocol::LogId log,
                                                    identity::DeviceId device,
                                                    envelope::MessageId id) const {
    std::optional<Attachment> found;
    const auto keep = [&found](auto... column) -> Result<store::Visit> {
        found.emplace(Attachment{std::move(column)...});
        return store::Visit::Stop;
    };
    TRY_VOID((database_.each<protocol::BlobId,
                             Secret,
                             std::uint64_t,
                             crypto::Digest,
                             std::string,
                             std::string,
                             std::uint32_t>(
        keep,
        "SELECT blob, key, size, sha256, name, type, expires FROM attachments"
        " WHERE log = ?1 AND device = ?2 AND id = ?3",
        log,
        device,
        id)));
    return found;
}

Result<std::vector<Attachments::Carrier>> Attachments::carriers(envelope::MessageId id) const {
    std::vector<Carrier> found;
    const auto keep = [&found](protocol::LogId log,
                               identity::DeviceId device) -> Result<store::Visit> {
        found.push_back({log, device});
        return store::Visit::Continue;
    };
    TRY_VOID((database_.each<protocol::LogId, identity::DeviceId>(
        keep, "SELECT log, device FROM attachments WHERE id = ?1", id)));
    return found;
}

Result<void> Attachments::add(store::Transaction& transaction,
                              protocol::LogId log,
                              identity::DeviceId device,
                              envelope::MessageId id,
                              const Attachment& attachment) {
    return transaction.run(
        "INSERT INTO attachments (log, device, id, blob, key, size, sha256, name, type, expires)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        log,
        device,
        id,
        attachment.blob,
        attachment.key,
        attachment.size,
        attachment.sha256,
        attachment.name,
        attachment.type,
        attachment.expires);
}

Result<void> Attachments::set_place(store::Transaction& transaction,
                                    protocol::LogId log,
                                    identity::DeviceId device,
                                    envelope::MessageId id,
                                    const Attachment& moved) {
    return transaction.run(
        "UPDATE attachments SET blob = ?4, key = ?5 WHERE log = ?1 AND device = ?2 AND id = ?3",
        log,
        device,
        id,
        moved.blob,
        moved.key);
}

Result<void> Attachments::set_expiry(store::Transaction& transaction,
                                     protocol::LogId log,
                                     identity::DeviceId device,
                                     envelope::MessageId id,
                                     std::uint32_t expires) {
    return transaction.run(
        "UPDATE attachments SET expires = ?4 WHERE log = ?1 AND device = ?2 AND id = ?3",
        log,
        device,
        id,
        expires);
}

}  // namespace cercle::client
