// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/backup_list.h"

#include <catch2/catch_test_macros.hpp>

#include "relay/log_sqlite.h"

namespace {

using namespace cercle;
using relay::BackupList;

BackupList sample() {
    BackupList list;
    list.store = relay::store_version;
    list.incarnation.bytes.fill(7);
    list.files = {{"relay.db", {4096, crypto::sha256(view_of("one"))}},
                  {"relay.key", {119, crypto::sha256(view_of("two"))}}};
    return list;
}

Code refusal_of(const std::string& text) {
    const auto list = BackupList::parse(text);
    return list.has_value() ? Code::unknown : list.error().code;
}

std::string with(std::string_view old, std::string_view fresh) {
    std::string text = sample().text();
    const std::size_t at = text.find(old);
    REQUIRE(at != std::string::npos);
    return text.replace(at, old.size(), fresh);
}

}  // namespace

TEST_CASE("the list of a backup reads as it was written") {
    const std::string text = sample().text();
    const auto list = BackupList::parse(text);
    REQUIRE(list.has_value());
    REQUIRE(list->text() == text);
    REQUIRE(list->files.size() == 2);
    REQUIRE(list->files[0].content == sample().files[0].content);
}

TEST_CASE("the list of a backup names known files only, and nothing outside of it") {
    REQUIRE(refusal_of(with("relay.key", "../relay.key")) == Code::malformed);
    REQUIRE(refusal_of(with("relay.key", "relay.db")) == Code::malformed);
    REQUIRE(refusal_of(with("relay.key", "lock")) == Code::malformed);
    REQUIRE(refusal_of(with("file relay.db", "file relay.key")) == Code::malformed);
}

TEST_CASE("a damaged list of a backup is refused, and one of a later version told apart") {
    REQUIRE(refusal_of("") == Code::malformed);
    REQUIRE(refusal_of("something else\n") == Code::malformed);
    REQUIRE(refusal_of(with("backup 1", "backup 2")) == Code::unsupported);
    REQUIRE(refusal_of(with("store ", "store 9")) == Code::unsupported);
    REQUIRE(refusal_of(with("store ", "store 0")) == Code::malformed);
    REQUIRE(refusal_of(with(" 119 ", " 0119 ")) == Code::malformed);
    const std::string text = sample().text();
    for (std::size_t length = 0; length < text.size(); ++length) {
        INFO(length);
        REQUIRE(refusal_of(text.substr(0, length)) == Code::malformed);
    }
}
