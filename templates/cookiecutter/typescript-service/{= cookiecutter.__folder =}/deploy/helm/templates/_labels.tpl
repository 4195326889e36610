{% include "partials/deploy/templates/_labels.tpl.jinja" -%}
