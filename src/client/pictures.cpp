// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/pictures.h"

#include <string>
#include <utility>

#include "store/user_file.h"

namespace cercle::client::pictures {
namespace {

namespace fs = std::filesystem;

Result<void> keep(store::Transaction& transaction, identity::MemberId member, BytesView picture) {
    return transaction.run(
        "INSERT OR REPLACE INTO pictures (member, digest, picture) VALUES (?1, ?2, ?3)",
        member,
        crypto::sha256(picture),
        picture);
}

Result<void> write_file(const fs::path& target, BytesView picture) {
    const auto vacant = store::check_vacant(target);
    // Its name says what is in it.
    if (!vacant && vacant.error().code == Code::already_exists) return {};
    if (!vacant && vacant.error().code == Code::not_found) {
        return fail(Code::not_found, "there is no directory of that name for the pictures");
    }
    TRY_VOID(vacant);
    TRY(auto part, store::PartFile::open(target));
    TRY_VOID(part.cut(0));
    TRY_VOID(part.append(picture));
    return std::move(part).publish();
}

}  // namespace

Result<void> take(store::Transaction& transaction,
                  identity::MemberId member,
                  const identity::Portrait& portrait) {
    // Whoever signed it should have judged it; what is kept here does not depend on that. The rest
    // of its page stands: another build may judge otherwise, and nobody's directory is to end by a
    // face.
    const auto* picture = std::get_if<Bytes>(&portrait);
    if (picture != nullptr && identity::judge_picture(*picture)) {
        return keep(transaction, member, *picture);
    }
    if (const auto* digest = std::get_if<crypto::Digest>(&portrait)) {
        return transaction.run(
            "DELETE FROM pictures WHERE member = ?1 AND digest <> ?2", member, *digest);
    }
    return transaction.run("DELETE FROM pictures WHERE member = ?1", member);
}

Result<void> forget_unseen(store::Transaction& transaction) {
    return transaction.run(
        "DELETE FROM pictures WHERE member IN (SELECT member FROM members WHERE seen = 0)");
}

Result<Bytes> read_file(const fs::path& path) {
    auto opened = store::SourceFile::open(path);
    if (!opened && opened.error().code == Code::permissions) {
        return fail(Code::unreadable, "this file may not be read");
    }
    if (!opened && opened.error().code == Code::not_found) {
        return fail(Code::not_found, "there is no such file");
    }
    if (!opened) return std::unexpected(opened.error());
    // One byte more, so that a longer one is seen to be.
    TRY(Bytes picture, opened->read(identity::longest_picture + 1));
    TRY_VOID(identity::judge_picture(picture));
    return picture;
}

Result<void> write_files(store::Database& database,
                         const std::vector<Person>& people,
                         const fs::path& directory) {
    for (const Person& person : people) {
        if (!person.picture) continue;
        TRY(const auto row,
            database.one<Bytes>("SELECT picture FROM pictures WHERE member = ?1", person.member));
        if (!row) continue;
        const Bytes& picture = std::get<0>(*row);
        const auto shape = identity::judge_picture(picture);
        // Taken by an earlier build, which judged otherwise; the others go out all the same.
        if (!shape) continue;
        const std::string name =
            to_hex(*person.picture) + std::string(identity::extension_of(shape->kind));
        TRY_VOID(write_file(directory / name, picture));
    }
    return {};
}

}  // namespace cercle::client::pictures
