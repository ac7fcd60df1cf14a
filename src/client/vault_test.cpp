// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/vault.h"

#include <fstream>

#include <catch2/catch_test_macros.hpp>

#include "crypto/certificate.h"
#include "net/memory_network.h"
#include "tests/vectors/scripted_random.h"

namespace {

using namespace cercle;
using namespace cercle::client;

/// A home, and the surroundings of a device that speaks to nobody.
struct Scene {
    Scene() {
        std::string pattern = (std::filesystem::temp_directory_path() / "cercle-XXXXXX").string();
        home = mkdtemp(pattern.data());
    }

    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;

    ~Scene() { std::filesystem::remove_all(home); }

    static Secret word(std::string_view text) { return Secret::copy_of(view_of(text)); }

    net::Loop loop{net::Loop::Kind::Virtual};
    vectors::SeededRandom random{1};
    net::MemoryNetwork network{loop, random};
    SilentDiary diary;
    store::SystemDisk disk;
    World world{loop, network, loop.clock(), random, diary, disk, {32, 1}};
    std::filesystem::path home;
};

Code code_of(const Result<store::Database>& result) {
    return result ? Code::not_found : result.error().code;
}

Bytes bytes_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_to(const std::filesystem::path& path, const Bytes& bytes) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

TEST_CASE("a vault opens under its passphrase and under no other") {
    Scene scene;
    REQUIRE(make_vault(scene.world, scene.home, Scene::word("right")).has_value());
    CHECK(open_vault(scene.world, scene.home, Scene::word("right")).has_value());
    for (const char* wrong : {"wrong", "right ", "righ", ""}) {
        CHECK(code_of(open_vault(scene.world, scene.home, Scene::word(wrong))) ==
              Code::vault_locked);
    }
}

TEST_CASE("a second vault is never made over the first") {
    Scene scene;
    REQUIRE(make_vault(scene.world, scene.home, Scene::word("one")).has_value());
    CHECK(code_of(make_vault(scene.world, scene.home, Scene::word("two"))) == Code::home_taken);
    CHECK(open_vault(scene.world, scene.home, Scene::word("one")).has_value());
}

TEST_CASE("a home of a circle whose root has one key is refused in words, and left as it is") {
    Scene scene;
    const auto key =
        crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, scene.random);
    const auto root = crypto::make_root_certificate(
        key, "Cercle root", {WallTime{}, WallTime{std::chrono::hours(1)}}, scene.random);
    REQUIRE(root.has_value());
    {
        auto vault = make_vault(scene.world, scene.home, Scene::word("word"));
        REQUIRE(vault.has_value());
        auto transaction = vault->begin();
        REQUIRE(transaction.has_value());
        REQUIRE(transaction
                    ->run("INSERT INTO self (one, circle, relay, relay_key, member, device, root,"
                          " certificate, signature_key, device_key, inbox, inbox_secret,"
                          " inbox_reader, inbox_chain)"
                          " VALUES (1, x'00', '', x'00', x'00', x'00', ?1,"
                          " x'00', x'00', x'00', x'00', x'00', x'00', x'00')",
                          *root)
                    .has_value());
        // As an earlier version had it, whose steps were fewer. To take the others would fail, and
        // otherwise: what they make is there.
        REQUIRE(transaction->run("PRAGMA user_version = 30").has_value());
        REQUIRE(std::move(*transaction).commit().has_value());
    }
    const auto refuse = [&scene] {
        const auto opened = open_vault(scene.world, scene.home, Scene::word("word"));
        REQUIRE_FALSE(opened.has_value());
        CHECK(opened.error().code == Code::unsupported);
        CHECK(std::string_view(opened.error().reason.text).contains("founded before"));
    };
    refuse();
    refuse();
}

TEST_CASE("a vault without a passphrase is not made") {
    Scene scene;
    CHECK(code_of(make_vault(scene.world, scene.home, Secret())) == Code::vault_locked);
    CHECK_FALSE(has_vault(scene.disk, scene.home));
}

TEST_CASE("nothing readable lies in a home: no key, no table's name, no text") {
    Scene scene;
    {
        auto vault = make_vault(scene.world, scene.home, Scene::word("passphrase"));
        REQUIRE(vault.has_value());
        auto transaction = vault->begin();
        REQUIRE(transaction.has_value());
        REQUIRE(transaction
                    ->run("INSERT INTO members (member, name, role) VALUES (x'00', ?1, '')",
                          std::string("mirabelle"))
                    .has_value());
        REQUIRE(std::move(*transaction).commit().has_value());
    }
    for (const auto& entry : std::filesystem::directory_iterator(scene.home)) {
        const std::string content = to_text(bytes_of(entry.path()));
        for (const char* word : {"mirabelle", "CREATE TABLE", "SQLite format", "passphrase"}) {
            CHECK(content.find(word) == std::string::npos);
        }
    }
}

TEST_CASE("a slot file with any bit flipped or any byte cut off opens nothing and harms nothing") {
    Scene scene;
    REQUIRE(make_vault(scene.world, scene.home, Scene::word("word")).has_value());
    const auto path = scene.home / "vault.slot";
    const Bytes whole = bytes_of(path);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        write_to(path, to_bytes(BytesView(whole).first(size)));
        CHECK_FALSE(open_vault(scene.world, scene.home, Scene::word("word")).has_value());
    }
    // Behind the first bytes, which say how much memory and time to spend (the upper bits cost
    // what they say, or are refused as damage).
    for (std::size_t bit = 9 * 8; bit < whole.size() * 8; ++bit) {
        Bytes flipped = whole;
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        write_to(path, flipped);
        CHECK_FALSE(open_vault(scene.world, scene.home, Scene::word("word")).has_value());
    }
    write_to(path, whole);
    CHECK(open_vault(scene.world, scene.home, Scene::word("word")).has_value());
}

TEST_CASE("a database whose slot was never written is made anew") {
    Scene scene;
    REQUIRE(make_vault(scene.world, scene.home, Scene::word("word")).has_value());
    std::filesystem::remove(scene.home / "vault.slot");
    CHECK_FALSE(has_vault(scene.disk, scene.home));
    CHECK(make_vault(scene.world, scene.home, Scene::word("other")).has_value());
    CHECK(open_vault(scene.world, scene.home, Scene::word("other")).has_value());
}
