// SPDX-License-Identifier: AGPL-3.0-or-later
//
// RFC 9420 section 9.2, the deletion schedule: "As soon as a group member consumes a value, they
// MUST immediately delete (all representations of) that value." Here it is looked whether that is
// so, in all memory of the process and in what a vault would store.

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "mls/forge/circle.h"
#include "tests/remains/image.h"
#include "tests/remains/witness.h"

namespace cercle::remains {
namespace {

using mls::Circle;
using mls::Group;
using mls::Saved;
using mls::SuiteId;

constexpr SuiteId suites[] = {SuiteId::X25519Aes128Sha256Ed25519,
                              SuiteId::P256Aes128Sha256P256,
                              SuiteId::X25519ChaCha20Sha256Ed25519,
                              SuiteId::XWingAes256Sha384Ed25519,
                              SuiteId::P521Aes256Sha512P521};

/// AddressSanitizer makes nothing of mlock, and keeps variables on a stack of its own.
#ifdef __SANITIZE_ADDRESS__
constexpr bool has_real_places = false;
#else
constexpr bool has_real_places = true;
#endif

/// In this kind of memory; anywhere, if kinds cannot be told.
bool stands_in(const Search& search, std::size_t index, std::string_view place) {
    return std::ranges::any_of(search.finds, [&](const Find& find) {
        return find.index == index && (find.place == place || !has_real_places);
    });
}

/// Epochs that late messages may still come from (docs/spec/mls-profile.md).
constexpr std::size_t epochs_kept = 3;

/// Everybody sends, everybody reads it.
void talk(Circle& circle) {
    for (std::size_t sender = 0; sender < circle.groups.size(); ++sender) {
        const Bytes message = circle.say(sender, "a text");
        for (std::size_t reader = 0; reader < circle.groups.size(); ++reader) {
            if (reader == sender) continue;
            REQUIRE(circle.groups[reader].receive(message, circle.around()).has_value());
        }
    }
}

/// Everybody takes new keys for himself and for the nodes above, each in an epoch of its own.
void renew(Circle& circle) {
    for (std::size_t committer = 0; committer < circle.groups.size(); ++committer) {
        circle.follow(committer, circle.commit(committer));
    }
}

/// Every group as a vault has it.
std::vector<Saved> stored(const Circle& circle) {
    std::vector<Saved> all;
    for (const Group& group : circle.groups)
        all.push_back(group.save());
    return all;
}

std::set<std::size_t> found_in(const std::vector<Masked>& secrets, const std::vector<Saved>& all) {
    std::set<std::size_t> found;
    for (const Saved& saved : all) {
        found.merge(search_bytes(secrets, saved.public_part));
        found.merge(search_bytes(secrets, saved.secret_part.reveal()));
    }
    return found;
}

void require_gone(const std::vector<Masked>& secrets, const std::vector<Saved>& all) {
    REQUIRE(!secrets.empty());
    const Search search = search_memory(secrets);
    for (const auto& [index, place] : search.finds) {
        FAIL_CHECK("secret " << index << " of " << secrets.size() << " stands in " << place);
    }
    for (const std::size_t index : found_in(secrets, all))
        FAIL_CHECK("secret " << index << " of " << secrets.size() << " is stored");
}

}  // namespace

TEST_CASE("of the secrets of epochs that have passed nothing is left, in memory or stored") {
    for (const SuiteId id : suites) {
        DYNAMIC_SECTION("suite " << static_cast<int>(id)) {
            Witness witness;
            Circle circle(id);
            circle.found("Anna");
            circle.add(0, {"Boris", "Chloé", "David"});
            circle.add(1, {"Esther"});
            talk(circle);
            renew(circle);
            talk(circle);
            const std::vector<Masked> consumed = witness.notes();
            REQUIRE(consumed.size() > 300);
            // Leaves and nodes, and the keys of the epochs that are kept for late messages.
            renew(circle);
            REQUIRE(circle.groups.size() > epochs_kept);
            require_gone(consumed, stored(circle));

            // And it could have been found: what is in use is, in locked memory and stored. (The
            // private keys among it stand in OpenSSL's handles, too.)
            const std::set<std::size_t> used = found_in(witness.notes(), stored(circle));
            CHECK(used.size() > 10);
            const Search search = search_memory(witness.notes());
            for (const std::size_t index : used) {
                CHECK(stands_in(search, index, locked_memory));
            }
            CHECK(circle.all_agree());
        }
    }
}

TEST_CASE("of the keys of messages that were sent and read nothing is left, within their epoch") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris", "Chloé"});
    talk(circle);
    Witness witness;
    talk(circle);
    const std::size_t first = witness.notes().size();
    talk(circle);
    // Generation by generation: what the first round derived, the second has left behind.
    const std::vector<Masked> consumed(
        witness.notes().begin(), witness.notes().begin() + static_cast<std::ptrdiff_t>(first));
    // Each message: the key, the nonce and the next secret of its ratchet.
    REQUIRE(consumed.size() >= 3 * circle.groups.size());
    require_gone(consumed, stored(circle));
}

TEST_CASE("of a commit that was staged and dropped nothing is left") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris", "Chloé"});
    const auto before = circle.groups[0].epoch();
    Witness witness;
    {
        const auto staged = circle.commit(0);
        REQUIRE(!staged.commit.empty());
        // While it waits it is there.
        CHECK(!search_memory(witness.notes()).finds.empty());
    }
    REQUIRE(circle.groups[0].epoch() == before);
    require_gone(witness.notes(), stored(circle));
}

TEST_CASE("of a group that somebody has left nothing is left in his memory") {
    Witness witness;
    {
        Circle circle;
        circle.found("Anna");
        circle.add(0, {"Boris", "Chloé"});
        talk(circle);
        renew(circle);
    }
    require_gone(witness.notes(), {});
}

TEST_CASE("a secret that is not wiped is found, on the heap, on the stack and stored") {
    Witness witness;
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    renew(circle);
    const std::vector<Masked> secrets = witness.notes();
    renew(circle);
    renew(circle);
    REQUIRE(search_memory(secrets).finds.empty());
    const auto unmask = [&](std::size_t index, std::span<std::uint8_t> target) {
        for (std::size_t at = 0; at < target.size(); ++at)
            target[at] = secrets[index][at] ^ mask;
    };
    Bytes on_heap(secrets[3].size());
    unmask(3, on_heap);
    std::array<std::uint8_t, 64> on_stack{};
    REQUIRE(secrets[5].size() <= on_stack.size());
    unmask(5, std::span(on_stack).first(secrets[5].size()));
    const Search search = search_memory(secrets);
    std::set<std::size_t> found;
    for (const auto& [index, place] : search.finds)
        found.insert(index);
    CHECK(found == std::set<std::size_t>{3, 5});
    CHECK(stands_in(search, 5, "[stack]"));
    Bytes file(100, 1);
    append(file, on_heap);
    append(file, Bytes(100, 2));
    CHECK(search_bytes(secrets, file) == std::set<std::size_t>{3});
}

}  // namespace cercle::remains
