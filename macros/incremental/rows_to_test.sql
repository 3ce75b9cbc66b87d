{% macro rows_to_test(relation, columns) -%}
    {#- The rows in which a key can have become one that occurs twice since its test last passed: of a
        table that is redone by keys those that share a key with a row that entered since. A test
        that failed, or did not run, has seen nothing. Else all rows. -#}
    {#- A test of some rows gets a query instead of a table, and reads all that this gives. -#}
    {%- if not execute or '(' in relation | string or not is_redone(node_of(relation.identifier)) -%}
        {{ return(relation) }}
    {%- endif -%}
    {%- set name = relation.identifier -%}
    {%- set seen = query_column(
        'select tested.change_number from bookkeeping.seen_changes as tested'
        ~ ' inner join bookkeeping.states as states on tested.input_name = states.model_name'
        ~ " where tested.model_name = '" ~ this.identifier ~ "' and tested.input_name = '" ~ name
        ~ "' and tested.change_number >= states.rebuilt_number"
        ~ ' and tested.change_number >= states.change_number - ' ~ kept_changes()
    ) -%}
    {%- if not seen -%}
        {{ return(relation) }}
    {%- endif -%}
    {%- set noted = adapter.get_columns_in_relation(changes_of(name)) | map(attribute='name')
        | reject('equalto', 'change_number') | list -%}
    {%- set keys = (stored_keys(node_of(name)) or noted) | join(', ') -%}
    {%- set key = columns | join(', ') -%}
    {{ return(
        '(select ' ~ key ~ ' from ' ~ relation ~ ' where (' ~ key ~ ') in (select ' ~ key ~ ' from '
        ~ relation ~ ' where (' ~ keys ~ ') in (select ' ~ keys ~ ' from ' ~ changes_of(name)
        ~ ' where change_number > ' ~ seen[0] ~ ')) union all select ' ~ key ~ ' from ' ~ relation
        ~ ' where ' ~ columns | join(' is null or ') ~ ' is null) as tested'
    ) }}
{%- endmacro %}

{% macro note_tests_passed(results) -%}
    {#- After the build: tests that passed have seen the changes of the tables that they test. -#}
    {%- set passed, names = [], [] -%}
    {%- for result in results -%}
        {%- if result.node.resource_type == 'test' and result.status | string == 'pass' -%}
            {%- for unique_id in result.node.depends_on.nodes if is_redone(graph.nodes[unique_id]) -%}
                {%- do names.append(result.node.alias) -%}
                {%- do passed.append(
                    "('" ~ result.node.alias ~ "', '" ~ graph.nodes[unique_id].name ~ "')"
                ) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if passed -%}
        {%- set tests = '(values ' ~ passed | join(', ') ~ ') as tests(test_name, input_name)' -%}
        {%- do run_query(forget('seen_changes', names | unique | list)) -%}
        {%- do run_query(
            'insert into bookkeeping.seen_changes (model_name, input_name, change_number) '
            ~ 'select tests.test_name, states.model_name, states.change_number '
            ~ 'from bookkeeping.states as states inner join ' ~ tests
            ~ ' on states.model_name = tests.input_name'
        ) -%}
    {%- endif -%}
{%- endmacro %}
