// SPDX-License-Identifier: AGPL-3.0-or-later
#include "codec/cbor.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <tinycbor/cbor.h>

#include "base/check.h"
#include "base/utf8.h"

namespace cercle::codec::cbor {
namespace {

template <class... Visitor>
struct Overloaded : Visitor... {
    using Visitor::operator()...;
};

bool is_key(const Value& value) {
    return std::holds_alternative<std::int64_t>(value.kind) ||
           std::holds_alternative<std::string>(value.kind) ||
           std::holds_alternative<Bytes>(value.kind);
}

// --- writing ---

/// tinycbor's only faults in writing are our own: a container not filled as announced.
void must(CborError error) {
    CHECK(error == CborNoError, "tinycbor cannot write");
}

CborError write_to_bytes(void* target, const void* data, std::size_t size, CborEncoderAppendType) {
    append(*static_cast<Bytes*>(target), {static_cast<const std::uint8_t*>(data), size});
    return CborNoError;
}

void put(CborEncoder& encoder, const Value& value, std::size_t depth);

void put_array(CborEncoder& encoder, const Array& array, std::size_t depth) {
    CborEncoder inside;
    must(cbor_encoder_create_array(&encoder, &inside, array.size()));
    for (const Value& item : array)
        put(inside, item, depth + 1);
    must(cbor_encoder_close_container_checked(&encoder, &inside));
}

/// RFC 8949 section 4.2.1: "The keys in every map MUST be sorted in the bytewise lexicographic
/// order of their deterministic encodings."
void put_map(CborEncoder& encoder, const Map& map, std::size_t depth) {
    std::vector<std::pair<Bytes, const Entry*>> sorted;
    sorted.reserve(map.size());
    for (const auto& entry : map) {
        CHECK(is_key(entry.key), "a CBOR map key of another kind");
        sorted.emplace_back(encode(entry.key), &entry);
    }
    std::ranges::sort(sorted, {}, &decltype(sorted)::value_type::first);
    CHECK(std::ranges::adjacent_find(sorted, {}, &decltype(sorted)::value_type::first) ==
              sorted.end(),
          "a CBOR map with the same key twice");
    CborEncoder inside;
    must(cbor_encoder_create_map(&encoder, &inside, map.size()));
    for (const auto& [key, entry] : sorted) {
        put(inside, entry->key, depth + 1);
        put(inside, entry->value, depth + 1);
    }
    must(cbor_encoder_close_container_checked(&encoder, &inside));
}

void put(CborEncoder& encoder, const Value& value, std::size_t depth) {
    CHECK(depth <= deepest, "a CBOR value nested deeper than may be read");
    std::visit(Overloaded{
                   [&](Null) { must(cbor_encode_null(&encoder)); },
                   [&](bool truth) { must(cbor_encode_boolean(&encoder, truth)); },
                   [&](std::int64_t number) { must(cbor_encode_int(&encoder, number)); },
                   [&](const Bytes& bytes) {
                       must(cbor_encode_byte_string(&encoder, bytes.data(), bytes.size()));
                   },
                   [&](const std::string& text) {
                       CHECK(is_utf8(text), "a CBOR text that is not UTF-8");
                       must(cbor_encode_text_string(&encoder, text.data(), text.size()));
                   },
                   [&](const Array& array) { put_array(encoder, array, depth); },
                   [&](const Map& map) { put_map(encoder, map, depth); },
                   [&](const Tagged& tagged) {
                       CHECK(tagged.content.size() == 1, "a CBOR tag stands before one value");
                       must(cbor_encode_tag(&encoder, tagged.tag));
                       put(encoder, tagged.content.front(), depth + 1);
                   },
               },
               value.kind);
}

// --- reading ---

/// Of what tinycbor refuses, only a nested container that is too long for it is not malformed.
Result<void> accepted(CborError error) {
    if (error == CborNoError) return {};
    if (error == CborErrorDataTooLarge) return fail(Code::too_large, "a CBOR value too long");
    return fail(Code::malformed, "not CBOR");
}

/// Reads one tree and counts what it has read.
class Tree {
  public:
    explicit Tree(BytesView bytes)
        : bytes_(bytes) {}

    Result<Value> read(CborValue& at, std::size_t depth) {
        if (depth > deepest) return fail(Code::too_large, "CBOR nested too deep");
        if (++items_ > most_items) return fail(Code::too_large, "CBOR of too many items");
        switch (cbor_value_get_type(&at)) {
            case CborNullType:
                return leaf(at, Value{Null{}});
            case CborBooleanType: {
                bool truth = false;
                TRY_VOID(accepted(cbor_value_get_boolean(&at, &truth)));
                return leaf(at, Value{truth});
            }
            case CborIntegerType:
                return read_integer(at);
            case CborByteStringType:
                return read_bytes(at);
            case CborTextStringType:
                return read_text(at);
            case CborTagType:
                return read_tagged(at, depth);
            case CborArrayType:
                return read_array(at, depth);
            case CborMapType:
                return read_map(at, depth);
            case CborInvalidType:
                return fail(Code::malformed, "CBOR ends too early");
            default:
                return fail(Code::unsupported, "a CBOR type outside the subset");
        }
    }

  private:
    static Result<Value> leaf(CborValue& at, Value value) {
        TRY_VOID(accepted(cbor_value_advance_fixed(&at)));
        return value;
    }

    static Result<Value> read_integer(CborValue& at) {
        std::int64_t number = 0;
        if (cbor_value_get_int64_checked(&at, &number) != CborNoError) {
            return fail(Code::unsupported, "an integer of more than 63 bits");
        }
        return leaf(at, Value{number});
    }

    static Result<void> check_definite(const CborValue& at) {
        if (cbor_value_is_length_known(&at)) return {};
        return fail(Code::not_canonical, "an indefinite length");
    }

    /// The announced length, once it is known to fit into what is there.
    Result<std::size_t> string_length(const CborValue& at) const {
        TRY_VOID(check_definite(at));
        std::size_t length = 0;
        TRY_VOID(accepted(cbor_value_get_string_length(&at, &length)));
        if (length > bytes_.size()) return fail(Code::malformed, "CBOR ends too early");
        return length;
    }

    Result<Value> read_bytes(CborValue& at) const {
        TRY(std::size_t length, string_length(at));
        Bytes bytes(length);
        CborValue next;
        TRY_VOID(accepted(cbor_value_copy_byte_string(&at, bytes.data(), &length, &next)));
        at = next;
        return Value{std::move(bytes)};
    }

    Result<Value> read_text(CborValue& at) const {
        TRY(std::size_t length, string_length(at));
        std::string text(length, '\0');
        CborValue next;
        TRY_VOID(accepted(cbor_value_copy_text_string(&at, text.data(), &length, &next)));
        at = next;
        if (!is_utf8(text)) return fail(Code::invalid_text, "a CBOR text that is not UTF-8");
        return Value{std::move(text)};
    }

    Result<Value> read_tagged(CborValue& at, std::size_t depth) {
        CborTag tag = 0;
        TRY_VOID(accepted(cbor_value_get_tag(&at, &tag)));
        TRY_VOID(accepted(cbor_value_advance_fixed(&at)));
        TRY(Value content, read(at, depth + 1));
        Tagged tagged{.tag = tag, .content = {}};
        tagged.content.push_back(std::move(content));
        return Value{std::move(tagged)};
    }

    Result<Value> read_array(CborValue& at, std::size_t depth) {
        TRY_VOID(check_definite(at));
        CborValue inside;
        TRY_VOID(accepted(cbor_value_enter_container(&at, &inside)));
        Array array;
        while (!cbor_value_at_end(&inside)) {
            TRY(Value item, read(inside, depth + 1));
            array.push_back(std::move(item));
        }
        TRY_VOID(accepted(cbor_value_leave_container(&at, &inside)));
        return Value{std::move(array)};
    }

    Result<Value> read_map(CborValue& at, std::size_t depth) {
        TRY_VOID(check_definite(at));
        CborValue inside;
        TRY_VOID(accepted(cbor_value_enter_container(&at, &inside)));
        Map map;
        std::optional<BytesView> previous;
        while (!cbor_value_at_end(&inside)) {
            const std::uint8_t* const start = cbor_value_get_next_byte(&inside);
            TRY(Value key, read(inside, depth + 1));
            const BytesView encoded(start, cbor_value_get_next_byte(&inside));
            if (previous && !std::ranges::lexicographical_compare(*previous, encoded)) {
                return fail(Code::not_canonical, "CBOR map keys out of order, or one twice");
            }
            // Also within the order: 0 in one byte and 0 in two are one key twice.
            if (!is_key(key)) return fail(Code::unsupported, "a CBOR map key of another kind");
            if (!std::ranges::equal(encode(key), encoded)) {
                return fail(Code::not_canonical, "a CBOR map key in a longer form than needed");
            }
            previous = encoded;
            TRY(Value value, read(inside, depth + 1));
            map.emplace_back(std::move(key), std::move(value));
        }
        TRY_VOID(accepted(cbor_value_leave_container(&at, &inside)));
        return Value{std::move(map)};
    }

    BytesView bytes_;
    std::size_t items_ = 0;
};

}  // namespace

// Not defaulted: Clang 19 would want Value complete within itself.
bool operator==(const Tagged& left, const Tagged& right) {
    return left.tag == right.tag && left.content == right.content;
}

bool operator==(const Entry& left, const Entry& right) {
    return left.key == right.key && left.value == right.value;
}

bool operator==(const Value& left, const Value& right) {
    return left.kind == right.kind;
}

Bytes encode(const Value& value) {
    Bytes bytes;
    CborEncoder encoder;
    cbor_encoder_init_writer(&encoder, write_to_bytes, &bytes);
    put(encoder, value, 0);
    return bytes;
}

Result<Value> decode(BytesView bytes) {
    CborParser parser;
    CborValue at;
    TRY_VOID(accepted(cbor_parser_init(bytes.data(), bytes.size(), 0, &parser, &at)));
    TRY(Value value, Tree(bytes).read(at, 0));
    if (cbor_value_get_next_byte(&at) != bytes.data() + bytes.size()) {
        return fail(Code::trailing_bytes, "bytes are left after the end of CBOR");
    }
    // The rest of the rules, above all the shortest forms, in one comparison.
    if (encode(value) != to_bytes(bytes)) {
        return fail(Code::not_canonical, "CBOR in another form than the deterministic one");
    }
    return value;
}

}  // namespace cercle::codec::cbor
