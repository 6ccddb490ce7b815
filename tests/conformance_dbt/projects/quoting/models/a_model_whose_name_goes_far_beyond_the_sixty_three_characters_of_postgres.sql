select "Group" as a_model_whose_name_goes_far_beyond_the_sixty_three_characters_of_postgres_group from {{ source('quoted', 'tab') }}
