// SPDX-License-Identifier: Apache-2.0
#include "report/markup.h"

#include <sstream>

#include "kernel/text.h"

namespace klass::report {

std::string markup_text(std::string_view text) {
    static constexpr std::string_view replacement = "\xEF\xBF\xBD";
    std::string safe = kernel::safe_text(text);
    for (const std::string_view forbidden : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"})
        for (std::size_t at = 0; (at = safe.find(forbidden, at)) != std::string::npos;)
            safe.replace(at, forbidden.size(), replacement);
    return safe;
}

pugi::xml_node add(pugi::xml_node parent, const char *name, Attributes attributes,
                   std::string_view text) {
    pugi::xml_node node = parent.append_child(name);
    for (const auto &[key, value] : attributes)
        node.append_attribute(key).set_value(markup_text(value).c_str());
    if (!text.empty())
        add_text(node, text);
    return node;
}

void add_text(pugi::xml_node parent, std::string_view text) {
    parent.append_child(pugi::node_pcdata).set_value(markup_text(text).c_str());
}

std::string xml_text(const pugi::xml_document &document) {
    std::ostringstream out;
    document.save(out, "  ", pugi::format_indent, pugi::encoding_utf8);
    return out.str();
}

std::string html_text(pugi::xml_node node) {
    std::ostringstream out;
    node.print(out, "", pugi::format_raw | pugi::format_no_empty_element_tags, pugi::encoding_utf8);
    return out.str();
}

}  // namespace klass::report
