// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Elements of XML, HTML and SVG, by pugixml: it escapes what is put in, so that no text of a
 * submission can become markup.
 */
#pragma once

#include <pugixml.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace klass::report {

using Attributes = std::initializer_list<std::pair<const char *, std::string_view>>;

/**
 * The text as XML 1.0 may hold it (https://www.w3.org/TR/xml/#charsets), escaped or not: valid
 * UTF-8 without control characters other than tab and line feed, and without U+FFFE and U+FFFF.
 */
std::string markup_text(std::string_view text);

/** Appends an element with attributes and a text; both are made safe. */
pugi::xml_node add(pugi::xml_node parent, const char *name, Attributes attributes = {},
                   std::string_view text = {});

/** Appends a text beside the elements that there are. */
void add_text(pugi::xml_node parent, std::string_view text);

/** A document of XML, indented, with its declaration. */
std::string xml_text(const pugi::xml_document &document);

/** A node as HTML writes it: with an end tag for every element, and no blank that was not put in.
 */
std::string html_text(pugi::xml_node node);

}  // namespace klass::report
