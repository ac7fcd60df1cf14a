// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/attachments.h"

#include <utility>

namespace cercle::client {
namespace {

using envelope::Attachment;

template <class... Value>
Result<std::vector<Attachment>> attachments(store::Database& database,
                                            store::Sql sql,
                                            const Value&... values) {
    std::vector<Attachment> found;
    const auto keep = [&found](auto... column) -> Result<store::Visit> {
        found.push_back(Attachment{std::move(column)...});
        return store::Visit::Continue;
    };
    TRY_VOID((database.each<protocol::BlobId,
                            Secret,
                            std::uint64_t,
                            crypto::Digest,
                            std::string,
                            std::string,
                            std::uint32_t>(keep, sql, values...)));
    return found;
}

}  // namespace

Result<std::optional<Attachment>> Attachments::find(identity::DeviceId device,
                                                    envelope::MessageId id) const {
    TRY(auto found,
        attachments(database_,
                    "SELECT blob, key, size, sha256, name, type, expires FROM attachments"
                    " WHERE device = ?1 AND id = ?2",
                    device,
                    id));
    if (found.empty()) return std::optional<Attachment>();
    return std::optional<Attachment>(std::move(found.front()));
}

Result<std::vector<Attachment>> Attachments::all_of(envelope::MessageId id) const {
    return attachments(database_,
                       "SELECT blob, key, size, sha256, name, type, expires FROM attachments"
                       " WHERE id = ?1",
                       id);
}

Result<void> Attachments::add(store::Transaction& transaction,
                              identity::DeviceId device,
                              envelope::MessageId id,
                              const Attachment& attachment) {
    return transaction.run(
        "INSERT INTO attachments (device, id, blob, key, size, sha256, name, type, expires)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
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

Result<void> Attachments::set_expiry(store::Transaction& transaction,
                                     identity::DeviceId device,
                                     envelope::MessageId id,
                                     std::uint32_t expires) {
    return transaction.run(
        "UPDATE attachments SET expires = ?3 WHERE device = ?1 AND id = ?2", device, id, expires);
}

}  // namespace cercle::client
